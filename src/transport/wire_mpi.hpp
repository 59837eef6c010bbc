// The MPI wire: frames as byte messages, without a blocking call.
#pragma once

#include <boost/mpi/communicator.hpp>
#include <memory>

#include "transport/wire.hpp"

namespace ballast {

/// Rank r is the peer NodeId{r}. Requests that a peer never completed are left alone when the wire is closed.
[[nodiscard]] std::unique_ptr<Wire> make_wire_mpi(boost::mpi::communicator const& ranks);

}  // namespace ballast
