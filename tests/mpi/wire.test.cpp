// The MPI wire: frames of any size arrive whole, once and in order, and nothing blocks.
#include <array>
#include <boost/mpi/communicator.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "support/catch.hpp"
#include "transport/wire_mpi.hpp"

namespace ballast {
namespace {

std::string frame_of(std::uint32_t rank, std::size_t number) {
  constexpr std::array sizes{std::size_t{1},    std::size_t{100},     std::size_t{4095},
                             std::size_t{4097}, std::size_t{1} << 20, std::size_t{3} << 20};
  std::string frame(sizes[number % sizes.size()], static_cast<char>('a' + (rank + number) % 26));
  frame.front() = static_cast<char>(number);
  return frame;
}

}  // namespace

TEST_CASE("frames from all ranks arrive whole, once and in order at each") {
  boost::mpi::communicator const ranks;
  auto const wire = make_wire_mpi(ranks);
  auto const size = static_cast<std::uint32_t>(ranks.size());
  auto const self = static_cast<std::uint32_t>(ranks.rank());
  constexpr std::size_t frames = 24;
  std::map<NodeId, std::size_t> sent;
  std::map<NodeId, std::size_t> received;
  auto const done = [&] {
    for (std::uint32_t peer = 0; peer < size; ++peer)
      if (peer != self &&
          (sent[NodeId{peer}] < frames || received[NodeId{peer}] < frames || !wire->clear(NodeId{peer})))
        return false;
    return true;
  };
  while (!done()) {
    for (std::uint32_t peer = 0; peer < size; ++peer) {
      auto& number = sent[NodeId{peer}];
      if (peer != self && number < frames && wire->clear(NodeId{peer}))
        wire->send(NodeId{peer}, frame_of(self, number++));
    }
    while (auto const arrived = wire->receive())
      CHECK(arrived->frame == frame_of(arrived->from.value(), received[arrived->from]++));
    std::this_thread::yield();
  }
  ranks.barrier();
  CHECK_FALSE(wire->receive());
}

TEST_CASE("sending to a rank that does not listen makes nobody wait") {
  boost::mpi::communicator const ranks;
  auto const wire = make_wire_mpi(ranks);
  std::string const large(std::size_t{1} << 20, 'x');
  if (ranks.rank() == 0)
    for (int peer = 1; peer < ranks.size(); ++peer) {
      NodeId const node{static_cast<std::uint32_t>(peer)};
      wire->send(node, large);
      CHECK_FALSE(wire->clear(node));
    }
  ranks.barrier();
  if (ranks.rank() > 0) {
    std::optional<Received> arrived;
    while (!arrived) arrived = wire->receive();
    CHECK(arrived->frame == large);
  } else {
    for (int peer = 1; peer < ranks.size(); ++peer)
      while (!wire->clear(NodeId{static_cast<std::uint32_t>(peer)})) std::this_thread::yield();
  }
  ranks.barrier();
}

}  // namespace ballast
