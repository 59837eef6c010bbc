"""mpi4py.futures, one job at a time: futures.py FILE reads costs in seconds and prints the makespan in seconds."""
import sys
import time

from mpi4py.futures import MPIPoolExecutor

if __name__ == "__main__":
    with open(sys.argv[1], encoding="ascii") as file:
        costs = [float(line) for line in file]
    with MPIPoolExecutor() as executor:
        executor.bootup(wait=True)
        begin = time.monotonic()
        for _ in executor.map(time.sleep, costs, chunksize=1, unordered=True):
            pass
        print(f"{time.monotonic() - begin:.6f}")
