// Jobs that say where their records are.
#include "ballast/core/error.hpp"
#include "ballast/problem/reference.hpp"
#include "problem/input_file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;

namespace {

struct Referred {
  testing::TemporaryFolder folder;
  std::string path = folder.file("corpus.txt", "one\ntwo\nthree\n");
  InputFile facts = facts_of(open_input(path), path);

  [[nodiscard]] Reference to(std::uint64_t offset, std::uint64_t length) const {
    return {path, offset, length, facts.size, facts.modified_ns};
  }
};

}  // namespace

TEST_CASE_METHOD(Referred, "a reference stands for the bytes it names") {
  CHECK(resolve_reference(encode_reference(to(4, 4))) == "two\n");
  CHECK(resolve_reference(encode_reference(to(0, 14))) == "one\ntwo\nthree\n");
  CHECK(resolve_reference(encode_reference(to(14, 0))).empty());
}

TEST_CASE_METHOD(Referred, "a node whose file has another size or time does not solve anything") {
  auto larger = to(0, 4);
  larger.file_size = 99;
  CHECK(testing::text_thrown_by([&] { static_cast<void>(resolve_reference(encode_reference(larger))); }) ==
        "cannot use " + path +
            " on this node (its size is 14 bytes here and 99 on the main node); "
            "give all nodes the same file, or leave out --by-reference");
  auto older = to(0, 4);
  older.modified_ns -= 1;
  CHECK_THROWS_AS(resolve_reference(encode_reference(older)), InputOutputError);
  auto missing = to(0, 4);
  missing.path += ".gone";
  CHECK_THROWS_AS(resolve_reference(encode_reference(missing)), InputOutputError);
}

TEST_CASE_METHOD(Referred, "what is no reference, or points outside its file, is an error") {
  auto const good = encode_reference(to(0, 4));
  for (std::size_t size = 0; size <= good.size() - path.size(); ++size) {
    CHECK_THROWS_AS(resolve_reference(good.substr(0, size)), EngineError);
  }
  CHECK_THROWS_AS(resolve_reference("one\ntwo\n"), EngineError);
  CHECK_THROWS_AS(resolve_reference(encode_reference(to(1, 14))), EngineError);
  CHECK_THROWS_AS(resolve_reference(encode_reference(to(2, ~std::uint64_t{0}))), EngineError);
  CHECK_THROWS_AS(resolve_reference(encode_reference(to(~std::uint64_t{0}, 1))), EngineError);
}
