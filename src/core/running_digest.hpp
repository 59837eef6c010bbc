// Running digest: digest_of() of bytes that come in pieces.
#pragma once

#include <memory>
#include <string_view>

#include "ballast/core/id.hpp"

namespace ballast {

class RunningDigest {
 public:
  RunningDigest();
  ~RunningDigest();
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) noexcept;

  void add(std::string_view bytes);
  /// Of all that was added so far.
  [[nodiscard]] Digest value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ballast
