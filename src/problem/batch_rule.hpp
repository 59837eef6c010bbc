// Batch rule: where a job ends, decided by the bytes and the options alone, the same for files and for streams.
#pragma once

#include <cstdint>
#include <string_view>

#include "ballast/problem/text_splitter.hpp"

namespace ballast {

/// One input, as far as the rule has to look at it. Offsets count from the input's first byte.
class TextSource {
 public:
  virtual ~TextSource() = default;
  /// The length of the input, as far as `offset`: a stream is read until it is known to be that long, or at its end.
  virtual std::uint64_t reach(std::uint64_t offset) = 0;
  /// The bytes from `begin` to `end`, at most a MiB, all of which are there. Valid until the next call.
  virtual std::string_view bytes(std::uint64_t begin, std::uint64_t end) = 0;
  /// Some bytes from `begin` on, as many as are at hand; none only at the end of the input. Valid until the next call.
  virtual std::string_view ahead(std::uint64_t begin) = 0;
};

/// Where the job ends that begins at `begin`. Expects that there is a byte.
[[nodiscard]] std::uint64_t end_of_job(TextSource& source, std::uint64_t begin, Batch const& batch,
                                       RecordEnd record_end);

}  // namespace ballast
