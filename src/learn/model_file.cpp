// What the arrays of a model file mean, and what must hold for them.
#include "ballast/learn/model_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <system_error>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "core/descriptor.hpp"
#include "learn/npz.hpp"

namespace ballast::learn {
namespace {

constexpr std::string_view remedy = "give a model that `ballast train --save` has written";

/// The parts of a model's weights, in their order.
struct Part {
  std::string_view name;
  std::vector<std::size_t> shape;

  [[nodiscard]] std::size_t size() const { return shape.size() == 1 ? shape[0] : shape[0] * shape[1]; }
};

std::vector<Part> parts_of(NetworkShape shape) {
  return {{"W0", {shape.inputs, shape.hidden}},
          {"b0", {shape.hidden}},
          {"W1", {shape.hidden, shape.classes}},
          {"b1", {shape.classes}}};
}

NamedArray const& array_of(std::string const& path, NamedArrays const& arrays, std::string_view name) {
  auto const found = arrays.find(name);
  if (found == arrays.end()) refuse_model(path, fmt::format("it has no array {}", name), remedy);
  return found->second;
}

/// Of that shape, and finite.
std::vector<float> const& values_of(std::string const& path, NamedArrays const& arrays, Part const& part) {
  auto const& array = array_of(path, arrays, part.name);
  if (array.shape != part.shape)
    refuse_model(path,
                 fmt::format("its {} is {}, by its W0 and W1 it should be {}", part.name, fmt::join(array.shape, "×"),
                             fmt::join(part.shape, "×")),
                 remedy);
  if (!std::all_of(array.values.begin(), array.values.end(), [](float value) { return std::isfinite(value); }))
    refuse_model(path, fmt::format("its {} holds what is no finite number", part.name),
                 "train again, with a lower --learning-rate");
  return array.values;
}

NetworkShape shape_of(std::string const& path, NamedArrays const& arrays) {
  auto const& lower = array_of(path, arrays, "W0").shape;
  auto const& upper = array_of(path, arrays, "W1").shape;
  if (lower.size() != 2 || upper.size() != 2 || lower[1] != upper[0])
    refuse_model(path,
                 fmt::format("its W0 is {}, its W1 {}: not two layers of a network", fmt::join(lower, "×"),
                             fmt::join(upper, "×")),
                 remedy);
  auto const size = [](std::size_t units) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(units, 1U << 30U));
  };
  NetworkShape const shape{size(lower[0]), size(lower[1]), size(upper[1])};
  if (!shape.is_possible()) refuse_model(path, "a layer is empty or too large", remedy);
  return shape;
}

void check_meaning(std::string const& path, Model const& model) {
  auto const& scale = model.normalisation.scale;
  auto const& classes = model.classes;
  if (!std::all_of(scale.begin(), scale.end(), [](float value) { return value > 0; }))
    refuse_model(path, "a scale is not above 0", remedy);
  if (std::adjacent_find(classes.begin(), classes.end(), std::greater_equal<>{}) != classes.end())
    refuse_model(path, "its classes do not ascend", remedy);
}

std::string read_file(std::string const& path) {
  Descriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) throw InputOutputError::from_errno("cannot open " + path, errno, "check the name given to --load");
  std::string bytes;
  constexpr std::size_t piece = 1U << 20U;
  try {
    for (auto got = piece; got > 0;) {
      auto const size = bytes.size();
      bytes.resize(size + piece);
      got = read_some(file.number(), bytes.data() + size, piece);
      bytes.resize(size + got);
    }
  } catch (std::system_error const& error) {
    throw InputOutputError::from_errno("cannot read " + path, error.code().value(), "");
  }
  return bytes;
}

}  // namespace

std::string encode(Model const& model) {
  BALLAST_EXPECT(model.weights.size() == model.shape.parameters());
  NamedArrays arrays;
  auto from = model.weights.begin();
  for (auto const& part : parts_of(model.shape)) {
    auto const end = from + static_cast<std::ptrdiff_t>(part.size());
    arrays[std::string{part.name}] = {part.shape, {from, end}};
    from = end;
  }
  auto const vector = [](std::vector<float> const& values) { return NamedArray{{values.size()}, values}; };
  arrays["mean"] = vector(model.normalisation.mean);
  arrays["scale"] = vector(model.normalisation.scale);
  arrays["classes"] = vector(model.classes);
  return npz_of(arrays);
}

Model load_model(std::string const& path) {
  auto const arrays = read_npz(path, read_file(path));
  Model model;
  model.shape = shape_of(path, arrays);
  for (auto const& part : parts_of(model.shape)) {
    auto const& values = values_of(path, arrays, part);
    model.weights.insert(model.weights.end(), values.begin(), values.end());
  }
  model.normalisation.mean = values_of(path, arrays, {"mean", {model.shape.inputs}});
  model.normalisation.scale = values_of(path, arrays, {"scale", {model.shape.inputs}});
  model.classes = values_of(path, arrays, {"classes", {model.shape.classes}});
  check_meaning(path, model);
  return model;
}

ModelState state_of(Model const& model) {
  ModelState state{model.shape, 0, model.weights};
  state.values.resize(3 * model.shape.parameters());
  return state;
}

}  // namespace ballast::learn
