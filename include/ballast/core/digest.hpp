// Digest of bytes: 64 bits that stand for a job's input or for what was written, so that a change is seen.
#pragma once

#include <memory>
#include <string_view>

#include "ballast/core/id.hpp"

namespace ballast {

/// XXH3, 64 bits, seed 0: the same on every machine and in every version of Ballast. Not a defence against forgery.
[[nodiscard]] Digest digest_of(std::string_view bytes);

/// The same of bytes that come in pieces.
class RunningDigest {
 public:
  RunningDigest();
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) noexcept;
  ~RunningDigest();

  void add(std::string_view bytes);
  /// Of all that was added so far.
  [[nodiscard]] Digest value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ballast
