// The rule for batches by bytes, and for batches by records.
#include "problem/batch_rule.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace ballast {
namespace {

/// The end of the last record that ends in [begin, end). Looks from the back, in growing steps.
std::optional<std::uint64_t> last_end(TextSource& source, std::uint64_t begin, std::uint64_t end, char mark) {
  std::uint64_t step = 4096;
  while (begin < end) {
    auto const from = end - std::min(step, end - begin);
    auto const bytes = source.bytes(from, end);
    auto const* const found = static_cast<char const*>(::memrchr(bytes.data(), mark, bytes.size()));
    if (found != nullptr) return from + static_cast<std::uint64_t>(found - bytes.data()) + 1;
    end = from;
    step = std::min<std::uint64_t>(4 * step, 1024 * 1024);
  }
  return std::nullopt;
}

/// The end of the `count`-th record end from `begin` on, or of the input.
std::uint64_t following_end(TextSource& source, std::uint64_t begin, std::uint64_t count, char mark) {
  for (;;) {
    auto const bytes = source.ahead(begin);
    if (bytes.empty()) return begin;
    auto const* at = bytes.data();
    auto const* const end = at + bytes.size();
    while (at != end) {
      auto const* const found = static_cast<char const*>(std::memchr(at, mark, static_cast<std::size_t>(end - at)));
      if (found == nullptr) break;
      at = found + 1;
      if (--count == 0) return begin + static_cast<std::uint64_t>(at - bytes.data());
    }
    begin += bytes.size();
  }
}

struct Rule {
  TextSource& source;
  std::uint64_t begin;
  char mark;

  std::uint64_t operator()(BatchRecords batch) const { return following_end(source, begin, batch.count, mark); }

  std::uint64_t operator()(BatchBytes batch) const {
    auto const room = std::numeric_limits<std::uint64_t>::max() - 1 - begin;
    auto const limit = begin + std::min(batch.limit, room);
    auto const reach = source.reach(limit + 1);
    if (reach <= limit) return reach;
    auto const fitting = last_end(source, begin, limit, mark);
    return fitting ? *fitting : following_end(source, limit, 1, mark);
  }
};

}  // namespace

std::uint64_t end_of_job(TextSource& source, std::uint64_t begin, Batch const& batch, RecordEnd record_end) {
  return std::visit(Rule{source, begin, static_cast<char>(record_end)}, batch);
}

}  // namespace ballast
