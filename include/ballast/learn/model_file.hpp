// Model file: a trained network with all that it takes to use it, in NumPy's .npz format.
#pragma once

#include <string>
#include <vector>

#include "ballast/learn/model_state.hpp"
#include "ballast/learn/normalisation.hpp"

namespace ballast::learn {

/// In the file, all little-endian float32: W0 (inputs, hidden), b0 (hidden), W1 (hidden, classes), b1 (classes), mean
/// (inputs), scale (inputs), classes (classes).
struct Model {
  NetworkShape shape;
  std::vector<float> weights;  ///< as ModelState::weights()
  Normalisation normalisation;
  std::vector<float> classes;  ///< ascending, each once
};

/// The bytes of its file, which depend on the model only.
[[nodiscard]] std::string encode(Model const& model);

/// Also what numpy.savez has written. Throws InputOutputError if an array is missing, of another shape or type, or
/// holds what is no finite number; if a scale is not above 0, or classes do not ascend.
[[nodiscard]] Model load_model(std::string const& path);

/// To begin training with: the model's weights, Adam's moments 0.
[[nodiscard]] ModelState state_of(Model const& model);

}  // namespace ballast::learn
