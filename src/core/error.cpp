// The shape of an error's sentence.
#include "ballast/core/error.hpp"

#include <cstring>

namespace ballast {
namespace {

std::string sentence(std::string_view what, std::string_view why, std::string_view remedy) {
  std::string text{what};
  if (!why.empty()) text.append(" (").append(why).append(")");
  if (!remedy.empty()) text.append("; ").append(remedy);
  return text;
}

}  // namespace

Error::Error(ExitCode exit_code, std::string_view what, std::string_view why, std::string_view remedy)
    : std::runtime_error{sentence(what, why, remedy)}, exit_code_{exit_code} {}

InputOutputError InputOutputError::from_errno(std::string_view what, int error, std::string_view remedy) {
  return {what, std::strerror(error), remedy};
}

}  // namespace ballast
