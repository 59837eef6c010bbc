// Model files: what was saved is loaded, what is wrong with a file is said.
#include <cstring>
#include <limits>

#include "ballast/learn/evaluation.hpp"
#include "ballast/learn/model_file.hpp"
#include "learn/npz.hpp"
#include "support/catch.hpp"
#include "support/learn_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast::learn;
using namespace ballast::testing;

namespace {

Model small_model() {
  NetworkShape const shape{3, 2, 2};
  auto const state = initial_state(shape, 4);
  return {shape, {state.weights().begin(), state.weights().end()}, {{1, 2, 3}, {1, 1, 4}}, {0, 7}};
}

NamedArrays small_arrays() {
  return {{"W0", {{3, 2}, {1, 2, 3, 4, 5, 6}}},
          {"b0", {{2}, {7, 8}}},
          {"W1", {{2, 2}, {9, 10, 11, 12}}},
          {"b1", {{2}, {13, 14}}},
          {"mean", {{3}, {0, 0, 0}}},
          {"scale", {{3}, {1, 1, 1}}},
          {"classes", {{2}, {0, 1}}}};
}

/// The error of loading these arrays after a change.
template <class Change>
std::string refused(Change change) {
  TemporaryFolder const folder;
  auto arrays = small_arrays();
  change(arrays);
  auto const path = folder.file("m.npz", npz_of(arrays));
  return text_thrown_by([&] { (void)load_model(path); });
}

}  // namespace

TEST_CASE("a model that was saved is loaded to the bit") {
  TemporaryFolder const folder;
  auto const model = small_model();
  auto const back = load_model(folder.file("m.npz", encode(model)));
  CHECK(back.shape == model.shape);
  CHECK(back.weights == model.weights);
  CHECK(back.normalisation.mean == model.normalisation.mean);
  CHECK(back.normalisation.scale == model.normalisation.scale);
  CHECK(back.classes == model.classes);
  CHECK(state_of(back).values.size() == 3 * model.weights.size());
  CHECK(encode(back) == encode(model));
}

TEST_CASE("arrays stand in the file as NumPy writes them") {
  auto const bytes = npy_of({{3, 2}, {1, 2, 3, 4, 5, 6}});
  CHECK(bytes.substr(0, 8) == std::string{"\x93NUMPY\x01\x00", 8});
  CHECK(has(bytes, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"));
  CHECK(bytes.size() == 128 + 24);
  CHECK(bytes[127] == '\n');
  CHECK(has(npy_of({{3}, {1, 2, 3}}), "'shape': (3,), }"));
}

TEST_CASE("a model file with a missing, misshapen or meaningless array is refused by its name") {
  CHECK(refused([](auto&) {}).empty());
  CHECK(has(refused([](auto& arrays) { arrays.erase("scale"); }), "(it has no array scale); give a model that"));
  CHECK(has(refused([](auto& arrays) { arrays.erase("W1"); }), "it has no array W1"));
  CHECK(has(refused([](auto& arrays) {
              arrays["b0"] = {{3}, {1, 2, 3}};
            }),
            "its b0 is 3, by its W0 and W1 it should be 2"));
  CHECK(has(refused([](auto& arrays) { arrays["b0"].shape = {2, 1}; }), "its b0 is 2×1"));
  CHECK(has(refused([](auto& arrays) { arrays["W0"].shape = {2, 3}; }), "its W0 is 2×3, its W1 2×2: not two layers"));
  CHECK(has(refused([](auto& arrays) { arrays["W0"].shape = {6}; }), "its W0 is 6"));
  CHECK(has(refused([](auto& arrays) { arrays["W0"] = {{0, 2}, {}}; }), "a layer is empty"));
  CHECK(has(refused([](auto& arrays) { arrays["b1"].values[1] = std::numeric_limits<float>::quiet_NaN(); }),
            "its b1 holds what is no finite number"));
  CHECK(has(refused([](auto& arrays) { arrays["scale"].values[0] = 0; }), "a scale is not above 0"));
  CHECK(has(refused([](auto& arrays) { arrays["classes"].values = {1, 1}; }), "its classes do not ascend"));
}

TEST_CASE("whatever byte of a model file is missing or flipped, it is refused or loaded as it was") {
  TemporaryFolder const folder;
  auto const whole = npz_of(small_arrays());
  auto const path = folder.file("m.npz", whole);
  auto const weights = load_model(path).weights;
  for (std::size_t size = 0; size < whole.size(); size += 11)
    CHECK_THROWS(load_model(folder.file("cut.npz", std::string_view{whole}.substr(0, size))));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x55);
    auto const text = text_thrown_by([&] {
      if (load_model(folder.file("flipped.npz", flipped)).weights != weights) throw std::logic_error{"wrong weights"};
    });
    if (!text.empty()) CHECK(has(text, "cannot load"));
  }
}

TEST_CASE("arrays of doubles, in Fortran order, or compressed are refused with what to do") {
  auto const refuse_npy = [](std::string_view from, std::string_view to) {
    auto bytes = npy_of({{2}, {1, 2}});
    bytes.replace(bytes.find(from), from.size(), to);
    return text_thrown_by([&] { (void)read_npy("m.npz", "b0", bytes); });
  };
  CHECK(has(refuse_npy("<f4", "<f8"), "its b0 is not float32); save its arrays after .astype('float32')"));
  CHECK(has(refuse_npy("False,", "True ,"), "its b0 is in Fortran order"));
  CHECK(has(refuse_npy("(2,)", "(9,)"), "its b0 has another size than its shape says"));
  CHECK(has(refuse_npy("NUMPY", "NUMPI"), "its b0 is no .npy file"));
  auto bytes = npz_of({{"b0", {{1}, {1}}}});
  auto const entry = bytes.find("PK\x01\x02");
  bytes[entry + 10] = 8;
  CHECK(has(text_thrown_by([&] { (void)read_npz("m.npz", bytes); }),
            "b0.npy in it is compressed); save it by numpy.savez"));
}

TEST_CASE("a model that cannot be opened says why") {
  CHECK(has(text_thrown_by([] { (void)load_model("/nowhere/m.npz"); }), "cannot open /nowhere/m.npz (No such"));
}
