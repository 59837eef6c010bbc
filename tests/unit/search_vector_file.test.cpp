// Vector files: any range of rows, and what is malformed is told with its row.
#include <hdf5.h>

#include <limits>
#include <vector>

#include "ballast/core/error.hpp"
#include "ballast/search/vector_file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;

namespace {

template <class Number>
std::string bytes(std::vector<Number> const& numbers) {
  return {reinterpret_cast<char const*>(numbers.data()), numbers.size() * sizeof(Number)};
}

/// Rows behind their dimensions.
template <class Number>
std::string vecs(std::vector<std::vector<Number>> const& rows) {
  std::string all;
  for (auto const& row : rows) all += bytes(std::vector{static_cast<std::int32_t>(row.size())}) + bytes(row);
  return all;
}

std::string npy(std::string const& type, std::string const& shape, std::string const& content,
                std::string const& fortran = "False") {
  auto const head = "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
  return std::string{"\x93NUMPY\x01\0", 8} + bytes(std::vector{static_cast<std::uint16_t>(head.size())}) + head +
         content;
}

std::vector<float> rows_of(std::string const& path, std::uint64_t first, std::uint64_t count,
                           VectorFileChoice const& choice = {}) {
  auto const file = make_vector_file(path, choice);
  std::vector<float> values(count * file->dimension());
  file->read(first, count, values);
  return values;
}

/// What reading all of a file ends with.
std::string refusal(std::string const& path, VectorFileChoice const& choice = {}) {
  return text_thrown_by([&] {
    auto const file = make_vector_file(path, choice);
    std::vector<float> values(file->rows() * file->dimension());
    file->read(0, file->rows(), values);
  });
}

/// A matrix of 3 × 2, with the distance it is for.
void write_hdf5(std::string const& path, std::vector<float> const& values) {
  auto const file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hsize_t const shape[2] = {3, 2};
  auto const space = H5Screate_simple(2, shape, nullptr);
  auto const set = H5Dcreate2(file, "test", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  auto const text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 7);
  auto const scalar = H5Screate(H5S_SCALAR);
  auto const attribute = H5Acreate2(file, "distance", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, text, "angular");
  H5Aclose(attribute), H5Sclose(scalar), H5Tclose(text), H5Dclose(set), H5Sclose(space), H5Fclose(file);
}

}  // namespace

TEST_CASE("any range of rows is read, from every format") {
  TemporaryFolder const folder;
  auto const path_of = [&](std::string const& name, std::string const& content) { return folder.file(name, content); };
  std::vector<float> const middle{3, 4, 5, 6};
  for (auto const& path :
       {path_of("a.fvecs", vecs<float>({{1, 2}, {3, 4}, {5, 6}, {7, 8}})),
        path_of("a.bvecs", vecs<std::uint8_t>({{1, 2}, {3, 4}, {5, 6}, {7, 8}})),
        path_of("a.ivecs", vecs<std::int32_t>({{1, 2}, {3, 4}, {5, 6}, {7, 8}})),
        path_of("f4.npy", npy("<f4", "(4, 2)", bytes<float>({1, 2, 3, 4, 5, 6, 7, 8}))),
        path_of("f8.npy", npy("<f8", "(4,2)", bytes<double>({1, 2, 3, 4, 5, 6, 7, 8}))),
        path_of("u1.npy", npy("|u1", "(4, 2)", "\1\2\3\4\5\6\7\10")), path_of("a.txt", " 1  2\n\n3\t+4\r\n5e0 6\n7 8"),
        path_of("a.tsv", "1\t2\n3\t4\n5\t6\n7\t8\n")}) {
    CAPTURE(path);
    CHECK((make_vector_file(path)->rows() == 4 && make_vector_file(path)->dimension() == 2));
    CHECK(rows_of(path, 1, 2) == middle);
    CHECK(rows_of(path, 4, 0).empty());
  }
}

TEST_CASE("a file larger than one reading is read whole") {
  TemporaryFolder const folder;
  std::string text;
  std::vector<std::vector<float>> rows;
  for (auto i = 0; i < 150'000; ++i) {
    text += std::to_string(i) + " " + std::to_string(-i) + "\n";
    rows.push_back({static_cast<float>(i), static_cast<float>(-i)});
  }
  auto const lines = folder.file("large.txt", text);
  auto const binary = folder.file("large.fvecs", vecs(rows));
  CHECK(rows_of(lines, 0, 150'000) == rows_of(binary, 0, 150'000));
  CHECK(rows_of(lines, 149'999, 1) == std::vector<float>{149'999, -149'999});
}

TEST_CASE("a row with another dimension is named, wherever the reading begins") {
  TemporaryFolder const folder;
  auto const same_size = folder.file("a.fvecs", vecs<float>({{1, 2}, {3, 4}, {5, 6}}).replace(24, 4, "\1\0\0\0", 4));
  CHECK(has(refusal(same_size), "(row 2, counted from 0, has dimension 1, row 0 has 2)"));
  CHECK(
      has(refusal(folder.file("b.fvecs", vecs<float>({{1, 2}, {3, 4, 5}, {6, 7}}))), "row 1, counted from 0, has dim"));
  CHECK(has(refusal(folder.file("c.txt", "1 2\n3 4\n5\n")), "row 2, counted from 0, has 1 columns, expected are 2"));
  CHECK(has(refusal(folder.file("d.tsv", "1\t2\n3\t4\t5\n")), "row 1, counted from 0, has 3 columns"));
}

TEST_CASE("a row that is cut short is named") {
  TemporaryFolder const folder;
  auto const whole = vecs<std::uint8_t>({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
  CHECK(has(refusal(folder.file("a.bvecs", whole.substr(0, whole.size() - 1))), "row 2, counted from 0, is short"));
  CHECK(has(refusal(folder.file("a.npy", npy("<f4", "(3, 2)", bytes<float>({1, 2, 3})))),
            "row 1, counted from 0, is short"));
}

TEST_CASE("what is no finite float is named with row and column") {
  TemporaryFolder const folder;
  auto const infinite = std::numeric_limits<float>::infinity();
  auto const nan = std::numeric_limits<float>::quiet_NaN();
  auto const place = "row 1, counted from 0, has no finite float in column 2";
  CHECK(has(refusal(folder.file("a.fvecs", vecs<float>({{1, 2}, {3, nan}}))), place));
  CHECK(has(refusal(folder.file("b.npy", npy("<f4", "(2, 2)", bytes<float>({1, 2, 3, infinite})))), place));
  CHECK(has(refusal(folder.file("c.npy", npy("<f8", "(2, 2)", bytes<double>({1, 2, 3, 1e300})))), place));
  for (auto const* const word : {"nan", "inf", "4x", "1e99", "-"})
    CHECK(has(refusal(folder.file("d.txt", std::string{"1 2\n3 "} + word)), place));
  CHECK(rows_of(folder.file("e.txt", "1e-400 -1e-50"), 0, 1) == std::vector<float>{0, 0});
}

TEST_CASE("columns choose what the components are") {
  TemporaryFolder const folder;
  auto const path = folder.file("words.txt", "the 1 2 9\nof 3 4 9\n");
  CHECK(rows_of(path, 0, 2, {.columns = "2-3"}) == std::vector<float>{1, 2, 3, 4});
  CHECK(rows_of(path, 1, 1, {.columns = "3-"}) == std::vector<float>{4, 9});
  CHECK(rows_of(path, 1, 1, {.columns = "4"}) == std::vector<float>{9});
  CHECK(has(refusal(path, {.columns = "2-5"}), "row 0, counted from 0, has 4 columns, expected are 5"));
  for (auto const* const senseless : {"0-2", "3-2", "a", "-", "1-x"})
    CHECK_THROWS_AS(make_vector_file(path, {.columns = senseless}), UsageError);
  CHECK_THROWS_AS(make_vector_file("a.fvecs", {.columns = "1"}), UsageError);
}

TEST_CASE("ids keep all their digits, and floats are no ids") {
  TemporaryFolder const folder;
  std::vector<std::int64_t> id(1);
  make_vector_file(folder.file("a.npy", npy("<i8", "(1, 1)", bytes<std::int64_t>({123456789012345678}))))
      ->read_ids(0, 1, id);
  CHECK(id[0] == 123456789012345678);
  auto const floats = make_vector_file(folder.file("a.fvecs", vecs<float>({{1}})));
  CHECK(has(text_thrown_by([&] { floats->read_ids(0, 1, id); }), "it holds floats"));
}

TEST_CASE("an .hdf5 file is read by range, and says what distance it is for") {
  TemporaryFolder const folder;
  auto const path = (folder / "a.hdf5").string();
  write_hdf5(path, {1, 2, 3, 4, 5, 6});
  CHECK(rows_of(path, 1, 2, {.dataset = "test"}) == std::vector<float>{3, 4, 5, 6});
  CHECK(make_vector_file(path, {.dataset = "test"})->distance() == "angular");
  CHECK(has(refusal(path, {.dataset = "train"}), "it has no dataset train"));
  write_hdf5(path, {1, 2, 3, 4, std::numeric_limits<float>::quiet_NaN(), 6});
  CHECK(
      has(refusal(path, {.dataset = "test"}), "a.hdf5/test (row 2, counted from 0, has no finite float in column 1)"));
}

TEST_CASE("commas between components are no single component of a strange kind") {
  TemporaryFolder const folder;
  CHECK(has(refusal(folder.file("a.txt", "1,2,3\n4,5,6\n")), "row 0, counted from 0, has commas"));
  CHECK(rows_of(folder.file("b.txt", "a,b 1\nc,d 2\n"), 0, 2, {.columns = "2"}) == std::vector<float>{1, 2});
}

TEST_CASE("garbage is refused with the file's name, in every format") {
  TemporaryFolder const folder;
  for (auto const* const name : {"a.fvecs", "a.bvecs", "a.ivecs", "a.npy", "a.txt", "a.hdf5"})
    for (std::string const& content : {std::string{}, std::string{"\xff\xff\xff"}, std::string(5000, '\x7f')})
      CHECK(has(refusal(folder.file(name, content)), name));
  CHECK(has(refusal(folder.file("f.npy", npy("<f4", "(1, 1)", "1234", "True"))), "Fortran order"));
  CHECK(has(refusal(folder.file("g.npy", npy(">f4", "(1, 1)", "1234"))), "its elements are '>f4'"));
  CHECK(has(refusal(folder.file("h.npy", npy("<f4", "(1,)", "1234"))), "it is no matrix"));
  CHECK(has(refusal(folder.file("i.npy", npy("<f4", "(4611686018427387904, 4)", "1234"))),
            "row 0, counted from 0, is sho"));
}

TEST_CASE("a path that is missing, no file or of no known kind is a clear error") {
  TemporaryFolder const folder;
  CHECK(has(refusal("/nowhere.fvecs"), "cannot read /nowhere.fvecs (No such file or directory); check the path"));
  CHECK(has(refusal("/nowhere.hdf5"), "cannot read /nowhere.hdf5"));
  CHECK(has(refusal("vectors.csv"), "cannot tell what vectors.csv holds"));
  std::filesystem::create_directory(folder / "folder.npy");
  CHECK(has(refusal((folder / "folder.npy").string()), "it is no regular file"));
}
