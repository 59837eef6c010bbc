// Datasets: what is read from IDX and CSV files, what is refused and how, and how rows are divided.
#include "ballast/core/error.hpp"
#include "ballast/learn/dataset_file.hpp"
#include "support/catch.hpp"
#include "support/learn_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using namespace ballast::learn;
using namespace ballast::testing;

TEST_CASE("IDX images and labels are read, plain or compressed, bytes above 127 included") {
  TemporaryFolder const folder;
  auto const images = idx_images(2, 1, 3, std::string_view{"\x00\x01\xff\x80\x02\x03", 6});
  auto const labels = idx_labels("\x07\x02");
  auto const plain = read_idx(folder.file("i", images), folder.file("l", labels));
  CHECK(plain.features.rows == 2);
  CHECK(plain.features.columns == 3);
  CHECK(plain.features.values == std::vector<float>{0, 1, 255, 128, 2, 3});
  CHECK(plain.classes == std::vector<float>{2, 7});
  CHECK(plain.labels == std::vector<std::uint32_t>{1, 0});
  auto const packed = read_idx(folder.file("i.gz", gzipped(images)), folder.file("l.gz", gzipped(labels)));
  CHECK(packed.features.values == plain.features.values);
  CHECK(packed.labels == plain.labels);
}

TEST_CASE("labels given as images are refused by their magic number") {
  TemporaryFolder const folder;
  auto const path = folder.file("l", idx_labels("\x01"));
  auto const text = text_thrown_by([&] { (void)read_idx_images(path); });
  CHECK(has(text, "cannot use " + path + " (its magic number is 0x00000801, that of images is 0x00000803); give"));
  auto const csv = text_thrown_by([&] { (void)read_idx_labels(folder.file("c", "1,2,3\n4,5,6\n")); });
  CHECK(has(csv, "that of labels is 0x00000801"));
}

TEST_CASE("images and labels of different counts are refused with both counts") {
  TemporaryFolder const folder;
  auto const images = folder.file("i", idx_images(3, 1, 1, "abc"));
  auto const labels = folder.file("l", idx_labels("\x01\x02"));
  CHECK(has(text_thrown_by([&] { (void)read_idx(images, labels); }), "(3 images and 2 labels); give the two files"));
}

TEST_CASE("an IDX file that ends early names the row; a count that lies takes no memory") {
  TemporaryFolder const folder;
  auto const cut = folder.file("i", idx_images(3, 1, 2, "abc"));
  CHECK(has(text_thrown_by([&] { (void)read_idx_images(cut); }), "(row 1 is missing or short, its header promises 3"));
  auto const liar = folder.file("j", idx_images(0xffffffff, 4096, 4096, "abc"));
  CHECK(has(text_thrown_by([&] { (void)read_idx_images(liar); }), "row 0 is missing or short"));
  auto const more = folder.file("k", idx_images(1, 1, 2, "abc"));
  CHECK(has(text_thrown_by([&] { (void)read_idx_images(more); }), "goes on after the 1 rows"));
  CHECK(has(text_thrown_by([&] { (void)read_idx_images(folder.file("e", "")); }), "too short for an IDX file"));
  CHECK(has(text_thrown_by([&] { (void)read_idx_images("/nowhere/i"); }), "cannot open /nowhere/i (No such file"));
}

TEST_CASE("a gzip file that is cut or damaged is refused, not read as shorter") {
  TemporaryFolder const folder;
  std::string pixels;
  Chance chance{5};
  for (auto i = 0; i < 4000; ++i) pixels.push_back(static_cast<char>(chance.below(256)));
  auto packed = gzipped(idx_images(4, 1, 1000, pixels));
  auto const cut = folder.file("cut.gz", packed.substr(0, packed.size() - 1000));
  CHECK(has(text_thrown_by([&] { (void)read_idx_images(cut); }), "(its compressed bytes end too early); copy"));
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // in the checksum
  auto const damaged = folder.file("damaged.gz", packed);
  CHECK(has(text_thrown_by([&] { (void)read_idx_images(damaged); }), "its compressed bytes are damaged"));
  std::string text;
  for (auto i = 0; i < 500; ++i) text += std::to_string(chance.below(100'000)) + ",1\n";
  auto const table = gzipped(text);
  auto const cut_table = folder.file("cut.csv.gz", table.substr(0, table.size() / 2));
  CHECK(has(text_thrown_by([&] { (void)read_csv(cut_table, {}); }), "its compressed bytes end too early"));
}

TEST_CASE("CSV is read with and without header, the label in any column, the last newline or not, CR or not") {
  TemporaryFolder const folder;
  auto const last = read_csv(folder.file("a", "1,2.5,3\n-4e1, +5 ,1\n"), {});
  CHECK(last.features.values == std::vector<float>{1, 2.5F, -40, 5});
  CHECK(last.classes == std::vector<float>{1, 3});
  CHECK(last.labels == std::vector<std::uint32_t>{1, 0});
  auto const first = read_csv(folder.file("b.gz", gzipped("kind,x,y\r\n1,2,3\r\n0,5,6")),
                              {.header = CsvHeader::present, .label_column = 1});
  CHECK(first.features.values == std::vector<float>{2, 3, 5, 6});
  CHECK(first.labels == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("lines of a CSV file are whole wherever a read ends") {
  TemporaryFolder const folder;
  std::string text;
  for (auto i = 0; i < 30'000; ++i) text += std::to_string(i) + ",7\n";
  auto const table = read_csv(folder.file("long", text), {});
  REQUIRE(table.features.rows == 30'000);
  for (std::size_t i = 0; i < 30'000; ++i) REQUIRE(table.features.values[i] == static_cast<float>(i));
}

TEST_CASE("CSV that is wrong is refused with its line, and what to do") {
  TemporaryFolder const folder;
  auto const refused = [&](std::string_view text, CsvOptions options = {}) {
    return text_thrown_by([&] { (void)read_csv(folder.file("t", text), options); });
  };
  CHECK(has(refused("x,y\n1,2\n"), "line 1, column 1: \"x\" is not a finite number); correct it, or give --header"));
  CHECK(has(refused("1,2\n1,2x\n"), "line 2, column 2: \"2x\" is not a finite number); correct it, or leave"));
  CHECK(has(refused("1,2\n,2\n"), "line 2, column 1: \"\" is not"));
  CHECK(has(refused("1,2\nnan,2\n"), "line 2, column 1: \"nan\" is not"));
  CHECK(has(refused("1,2\n1e99,2\n"), "line 2, column 1: \"1e99\" is not"));
  CHECK(has(refused("1,2,3\n1,2,3\n1,2\n"), "line 3 has 2 numbers, the first row has 3"));
  CHECK(has(refused("1,2,3\n1,2,3,4\n"), "line 2 has 4 numbers, the first row has 3"));
  CHECK(has(refused("1,2\n\n3,4\n"), "line 2 is blank"));
  CHECK(refused("1,2\n\n").empty());
  CHECK(has(refused("a,b\n", {.header = CsvHeader::present}), "it has no rows"));
  CHECK(has(refused("1,2\n", {.label_column = 3}), "there is no label column 3"));
  CHECK(has(refused("1,2\n", {.label_column = 0}), "give --label-column 1 to 2"));
}

TEST_CASE("row i is for the test if and only if i mod N is 0, and classes stay") {
  auto const all = labelled({5, 1, {0, 1, 2, 3, 4}}, std::vector<float>{7, 8, 9, 8, 7});
  auto const split = split_test(all, 2);
  CHECK(split.test.features.values == std::vector<float>{0, 2, 4});
  CHECK(split.train.features.values == std::vector<float>{1, 3});
  CHECK(split.train.labels == std::vector<std::uint32_t>{1, 1});
  CHECK(split.train.classes == std::vector<float>{7, 8, 9});
  CHECK(split_test(all, 0).train.features.rows == 5);
  CHECK(split_test(all, 0).test.features.rows == 0);
  CHECK(has(text_thrown_by([&] { (void)split_test(all, 1); }), "no row is left to train with"));
}

TEST_CASE("shards are all the rows in order, their sizes one apart at most") {
  auto const ranges = shard_ranges(11, 4);
  std::size_t end = 0;
  std::vector<std::size_t> sizes;
  for (auto const range : ranges) {
    CHECK(range.begin == end);
    end = range.end;
    sizes.push_back(range.end - range.begin);
  }
  CHECK(sizes == std::vector<std::size_t>{3, 3, 3, 2});
  CHECK(shard_ranges(1, 3).back().begin == shard_ranges(1, 3).back().end);
}

TEST_CASE("labels of other data are counted in a model's classes, and one that it has not got is named") {
  auto const some = labelled({2, 1, {0, 0}}, std::vector<float>{9, 4});
  auto const mapped = with_classes(some, {1, 4, 9});
  CHECK(mapped.labels == std::vector<std::uint32_t>{2, 1});
  CHECK(mapped.classes.size() == 3);
  CHECK(has(text_thrown_by([&] { (void)with_classes(some, {1, 4}); }), "the class 9 is not known"));
}

TEST_CASE("CSV without labels is all features, of which one is enough") {
  TemporaryFolder const folder;
  auto const rows = read_csv_features(folder.file("a", "x,y\n1,2.5\n3,4\n"), CsvHeader::present);
  CHECK(rows.rows == 2);
  CHECK(rows.columns == 2);
  CHECK(rows.values == std::vector<float>{1, 2.5F, 3, 4});
  CHECK(read_csv_features(folder.file("b", "7\n8\n"), CsvHeader::absent).values == std::vector<float>{7, 8});
  CHECK(has(text_thrown_by([&] { (void)read_csv_features(folder.file("c", "1,2\n3\n"), CsvHeader::absent); }),
            "(line 2 has 1 numbers, the first row has 2)"));
  CHECK(
      has(text_thrown_by([&] { (void)read_csv_features(folder.file("d", ""), CsvHeader::absent); }), "it has no rows"));
}
