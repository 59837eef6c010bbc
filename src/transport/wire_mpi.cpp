// Everything is Isend, Improbe, Imrecv and Test: a peer that is slow, hung or dead never makes this rank wait.
#include "transport/wire_mpi.hpp"

#include <mpi.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "ballast/core/contract.hpp"

namespace ballast {
namespace {

constexpr int frame_tag = 1;

struct Transfer {
  NodeId peer;
  std::string frame;
  MPI_Request request{MPI_REQUEST_NULL};

  [[nodiscard]] bool done() {
    int flag = 0;
    MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
    return flag != 0;
  }
};

class WireMpi final : public Wire {
 public:
  explicit WireMpi(boost::mpi::communicator const& ranks)
      : ranks_{ranks, boost::mpi::comm_duplicate}, outgoing_(static_cast<std::size_t>(ranks.size())) {}

  ~WireMpi() override {
    for (auto& transfer : outgoing_) leave(transfer);
    for (auto& transfer : incoming_) leave(transfer);
  }

  bool clear(NodeId to) override {
    auto& transfer = outgoing_.at(to.value());
    if (transfer && transfer->done()) transfer.reset();
    return transfer == nullptr;
  }

  void send(NodeId to, std::string frame) override {
    BALLAST_EXPECT(clear(to));
    auto transfer = std::make_unique<Transfer>(Transfer{to, std::move(frame)});
    MPI_Isend(transfer->frame.data(), static_cast<int>(transfer->frame.size()), MPI_CHAR, static_cast<int>(to.value()),
              frame_tag, ranks_, &transfer->request);
    outgoing_[to.value()] = std::move(transfer);
  }

  void abandon(NodeId peer) override {
    leave(outgoing_.at(peer.value()));
    for (auto& transfer : incoming_)
      if (transfer->peer == peer) leave(transfer);
    incoming_.erase(std::remove(incoming_.begin(), incoming_.end(), nullptr), incoming_.end());
  }

  std::optional<Received> receive() override {
    // A probe looks at its queue and then makes progress, without looking again.
    if (!match()) static_cast<void>(match());
    for (auto it = incoming_.begin(); it != incoming_.end(); ++it) {
      auto const earlier = [&](auto const& other) { return other->peer == (*it)->peer; };
      if (std::any_of(incoming_.begin(), it, earlier) || !(*it)->done()) continue;
      auto const transfer = std::move(*it);
      incoming_.erase(it);
      return Received{transfer->peer, std::move(transfer->frame)};
    }
    return {};
  }

 private:
  /// A request that its peer will never complete cannot be cancelled, and its buffer must outlive it.
  static void leave(std::unique_ptr<Transfer>& transfer) {
    if (transfer && !transfer->done()) static_cast<void>(transfer.release());
    transfer.reset();
  }

  bool match() {
    int found = 0;
    MPI_Message message{};
    MPI_Status status{};
    MPI_Improbe(MPI_ANY_SOURCE, frame_tag, ranks_, &found, &message, &status);
    if (found == 0) return false;
    int size = 0;
    MPI_Get_count(&status, MPI_CHAR, &size);
    auto transfer = std::make_unique<Transfer>(Transfer{NodeId{static_cast<std::uint32_t>(status.MPI_SOURCE)}, {}});
    transfer->frame.resize(static_cast<std::size_t>(size));
    MPI_Imrecv(transfer->frame.data(), size, MPI_CHAR, &message, &transfer->request);
    incoming_.push_back(std::move(transfer));
    return true;
  }

  boost::mpi::communicator ranks_;
  std::vector<std::unique_ptr<Transfer>> outgoing_;  // by rank: at most one each
  std::deque<std::unique_ptr<Transfer>> incoming_;   // matched, in order of arrival
};

}  // namespace

std::unique_ptr<Wire> make_wire_mpi(boost::mpi::communicator const& ranks) { return std::make_unique<WireMpi>(ranks); }

}  // namespace ballast
