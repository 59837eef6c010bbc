// Three words in one: when, what and how many.
#include "halt.hpp"

#include <fmt/format.h>

#include <ballast/core/error.hpp>

#include "quantities.hpp"

namespace app {

std::optional<ballast::Halt> parse_halt(std::string const& text) {
  if (text == "never") return {};
  ballast::Halt halt;
  auto const comma = text.find(',');
  auto const equals = text.find('=');
  auto const refuse = [&](std::string const& why) {
    return ballast::UsageError{fmt::format("--halt {} makes no sense", text), why,
                               "try never, soon,fail=3, now,fail=10% or soon,success=1"};
  };
  if (comma == std::string::npos || equals == std::string::npos || equals < comma)
    throw refuse("it is not WHEN,WHAT=VALUE");
  auto const when = text.substr(0, comma);
  auto const what = text.substr(comma + 1, equals - comma - 1);
  auto const value = text.substr(equals + 1);
  using How = ballast::Halt::How;
  using What = ballast::Halt::What;
  if (when != "soon" && when != "now") throw refuse(fmt::format("`{}` is neither soon nor now", when));
  halt.how = when == "now" ? How::now : How::soon;
  if (what != "fail" && what != "success" && what != "done")
    throw refuse(fmt::format("`{}` is not fail, success or done", what));
  halt.what = what == "fail" ? What::failed : what == "success" ? What::solved : What::ended;
  if (value.ends_with('%'))
    halt.limit = parse_percent("--halt", value);
  else
    halt.limit = parse_count("--halt", value);
  if (auto const* const count = std::get_if<std::uint64_t>(&halt.limit); count != nullptr && *count == 0)
    throw refuse("a count is at least 1");
  return halt;
}

}  // namespace app
