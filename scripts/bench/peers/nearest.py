"""faiss on MNIST, one thread: nearest.py split IMAGES FOLDER makes base.npy, queries.npy and tenfold.npy there;
nearest.py serve FOLDER TRUTH answers each line `flat` or `hnsw EF` with `QUERIES-PER-SECOND RECALL`, and `choose RECALL`
with the smallest `EF RECALL` that finds no less.

The first 9000 images are the base, the last 1000 the queries; what is timed is tenfold.npy, a thousand at once.
"""
import gzip
import os
import sys
import time

import numpy

DIMENSION, QUERIES, BATCH = 784, 1000, 1000


def split(images, folder):
    with gzip.open(images) as file:
        rows = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, DIMENSION)
    queries = rows[-QUERIES:]
    for name, part in ("base", rows[:-QUERIES]), ("queries", queries), ("tenfold", numpy.tile(queries, (10, 1))):
        numpy.save(os.path.join(folder, name + ".npy"), part)


def read_ids(path):
    numbers = numpy.fromfile(path, "<i4")
    return numbers.reshape(-1, numbers[0] + 1)[:, 1:]


def serve(folder, truth):
    import faiss

    faiss.omp_set_num_threads(1)
    base, queries = (numpy.load(os.path.join(folder, name + ".npy")).astype("f4") for name in ("base", "tenfold"))
    ids = read_ids(truth)
    k = ids.shape[1]
    last = ((queries - base[ids[:, -1]]) ** 2).sum(axis=1, keepdims=True)
    flat = faiss.IndexFlatL2(DIMENSION)
    flat.add(base)
    graph = faiss.IndexHNSWFlat(DIMENSION, 32)
    graph.hnsw.efConstruction = 200
    graph.add(base)
    print("ready", flush=True)

    def search(index, ef, times):
        graph.hnsw.efSearch = ef
        begin = time.perf_counter()
        distances = numpy.concatenate(
            [index.search(queries[row:row + BATCH], k)[0] for row in range(0, times * BATCH, BATCH)])
        seconds = time.perf_counter() - begin
        return len(distances) / seconds, (distances <= last[:len(distances)] * (1 + 1e-5)).mean()

    for line in sys.stdin:
        words = line.split()
        if words[0] == "choose":
            recalls = ((ef, search(graph, ef, 1)[1]) for ef in range(k, 1000))
            print(*next(found for found in recalls if found[1] >= float(words[1])), flush=True)
        else:
            found = search(graph, int(words[1]), 10) if words[0] == "hnsw" else search(flat, 1, 10)
            print(f"{found[0]:.1f} {found[1]:.6f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("split", "serve"):
        sys.exit("usage: nearest.py split IMAGES FOLDER | serve FOLDER TRUTH")
    {"split": split, "serve": serve}[sys.argv[1]](sys.argv[2], sys.argv[3])
