// Shared space: the memory that an agent and its solver processes have in common.
#pragma once

#include <cstddef>

#include "solver/channel.hpp"

namespace ballast {

/// An anonymous mapping that forked processes inherit: it has no name, so nothing of it can be left behind.
class SharedSpace {
 public:
  /// Throws EngineError when there is not enough memory.
  explicit SharedSpace(unsigned channels);
  ~SharedSpace();
  SharedSpace(SharedSpace const&) = delete;
  SharedSpace& operator=(SharedSpace const&) = delete;

  /// Rung by the others: there is news, or room for more of a job.
  [[nodiscard]] Doorbell& agent() { return *agent_; }
  [[nodiscard]] unsigned channels() const { return channels_; }
  [[nodiscard]] Channel& channel(unsigned index) { return first_channel_[index]; }
  /// Makes this channel as new. Nobody else may be using it.
  void renew(unsigned index);

 private:
  unsigned channels_;
  Doorbell* agent_;
  Channel* first_channel_;
};

}  // namespace ballast
