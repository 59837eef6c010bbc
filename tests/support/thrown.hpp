// Thrown: the text of the error a call ends with.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace ballast::testing {

/// Empty if nothing was thrown.
template <class Work>
std::string text_thrown_by(Work work) {
  try {
    work();
  } catch (std::exception const& error) {
    return error.what();
  }
  return {};
}

inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace ballast::testing
