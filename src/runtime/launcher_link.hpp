// Launcher link: rank 0's connection to the `ballast launch` that has started it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "ballast/core/launch.hpp"
#include "core/descriptor.hpp"

namespace ballast {

class LauncherLink {
 public:
  /// Nothing if nobody answers at this path.
  [[nodiscard]] static std::optional<LauncherLink> connect(std::string const& path);

  /// Waits for launch's standard streams and puts them in the place of these descriptors (of 0, 1, 2); false if launch
  /// has gone.
  bool take_streams(std::span<int const> places);
  /// This process gets `signal` when launch ends before it.
  void raise_at_end(int signal);
  /// Never waits: launch reads, or has gone.
  void tell(ExitNotice notice);

 private:
  explicit LauncherLink(Descriptor socket) : socket_{std::move(socket)} {}

  Descriptor socket_;
};

/// What Session::meet_launcher() promises. To be called before there are threads. Signals that launch passes on to rank
/// 0 are held back from then on, until somebody listens.
void meet_launcher();
/// Somebody does.
void hear_launcher();
/// For a rank that ends without exit(), or may hang before it; nothing happens without a link.
void tell_launcher(ExitNotice notice);

}  // namespace ballast
