// What consists of numbers and commas is a list; anything else is the name of a file.
#include "weights.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include <ballast/core/error.hpp>

namespace app {
namespace {

std::optional<double> weight_in(std::string_view text) {
  double value{};
  auto const* const end = text.data() + text.size();
  auto const [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !std::isfinite(value) || value <= 0) return {};
  return value;
}

[[noreturn]] void refuse(std::string const& option, std::string_view text, std::string_view where) {
  throw ballast::UsageError{fmt::format("{} does not understand `{}`{}", option, text, where),
                            "a weight is a number above 0", "give W1,W2,... or a file with one per line, rank 1 first"};
}

std::vector<double> read_file(std::string const& option, std::string const& path) {
  errno = 0;
  std::ifstream file{path};
  if (!file)
    throw ballast::InputOutputError::from_errno(fmt::format("cannot read the weights in {}", path), errno,
                                                fmt::format("give {} W1,W2,... or a file with one per line", option));
  std::vector<double> weights;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::istringstream words{line.substr(0, line.find('#'))};
    std::string word;
    while (words >> word) {
      auto const weight = weight_in(word);
      if (!weight) refuse(option, word, fmt::format(" in line {} of {}", number, path));
      weights.push_back(*weight);
    }
  }
  if (weights.empty()) refuse(option, path, ", which names no weight");
  return weights;
}

}  // namespace

std::vector<double> parse_weights(std::string const& option, std::string const& text) {
  bool const looks_like_list = text.find_first_not_of("0123456789.,+-eE") == std::string::npos;
  if (!looks_like_list) return read_file(option, text);
  std::vector<double> weights;
  std::istringstream list{text + ","};
  for (std::string item; std::getline(list, item, ',');) {
    auto const weight = weight_in(item);
    if (!weight) refuse(option, item, fmt::format(" in `{}`", text));
    weights.push_back(*weight);
  }
  return weights;
}

}  // namespace app
