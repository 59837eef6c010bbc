// One fault per piece between commas.
#include "ballast/sim/faults.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "ballast/core/error.hpp"
#include "ballast/core/parameters.hpp"

namespace ballast {
namespace {

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  auto const [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size()) return {};
  return number;
}

[[noreturn]] void refuse(std::string_view piece, std::string_view why) {
  throw UsageError{"the fault `" + std::string{piece} + "` is not understood", why,
                   "write lost:NODE@TIME or failing:P, as in lost:3@2s,failing:0.01"};
}

Faults::Loss parse_loss(std::string_view piece, std::string_view text) {
  auto const at = text.find('@');
  auto const node = parse<std::uint32_t>(text.substr(0, at));
  if (!node || *node == 0) refuse(piece, "NODE is a whole number, from 1");
  auto const time = at == std::string_view::npos ? std::nullopt : parse_duration(text.substr(at + 1));
  if (!time) refuse(piece, "TIME is a number with s, m, h, d, ms or us; bare = seconds");
  return {NodeId{*node}, *time};
}

}  // namespace

Faults parse_faults(std::string_view text) {
  Faults faults;
  while (!text.empty()) {
    auto const piece = text.substr(0, text.find(','));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    auto const colon = piece.find(':');
    auto const kind = piece.substr(0, colon);
    auto const value = colon == std::string_view::npos ? std::string_view{} : piece.substr(colon + 1);
    if (kind == "lost") {
      faults.lost.push_back(parse_loss(piece, value));
    } else if (kind == "failing") {
      auto const share = parse<double>(value);
      if (!share || !(*share >= 0 && *share <= 1)) refuse(piece, "P is a share between 0 and 1");
      faults.failing = *share;
    } else {
      refuse(piece, "there is no such fault");
    }
  }
  return faults;
}

}  // namespace ballast
