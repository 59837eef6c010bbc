// Launch: what `ballast launch` and the ranks that it starts agree on.
//
// launch waits on a unix socket (SOCK_SEQPACKET). Rank 0 connects before anything else and is sent one byte with the
// caller's standard streams (SCM_RIGHTS); launch knows its process from the connection. Rank 0 sends its exit code as
// soon as it is known, and again if it changes. A connection that ends without one means that rank 0 was killed.
#pragma once

#include <cstdint>

namespace ballast {

/// In the environment of the ranks: the path of that socket. Empty once rank 0 could not reach it: it is on another
/// host, and its standard streams are mpirun's.
inline constexpr char const* launch_variable = "BALLAST_LAUNCH";

struct ExitNotice {
  std::int32_t exit_code{};
  bool ranks_lost{false};  ///< some others are dead or hung, and mpirun may wait for them for ever
};

}  // namespace ballast
