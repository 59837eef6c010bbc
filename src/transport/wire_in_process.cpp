// Two queues of one frame each: as narrow as the real wire, so that tests meet its back-pressure.
#include <utility>

#include "ballast/core/contract.hpp"
#include "transport/wire.hpp"

namespace ballast {
namespace {

struct Cable {
  std::optional<std::string> to_main;
  std::optional<std::string> to_node;
};

class WireInProcess final : public Wire {
 public:
  using Slot = std::optional<std::string> Cable::*;

  WireInProcess(std::shared_ptr<Cable> cable, NodeId peer, Slot outgoing, Slot incoming)
      : cable_{std::move(cable)}, peer_{peer}, outgoing_{outgoing}, incoming_{incoming} {}

  bool clear(NodeId to) override {
    BALLAST_EXPECT(to == peer_);
    return !((*cable_).*outgoing_).has_value();
  }

  void send(NodeId to, std::string frame) override {
    BALLAST_EXPECT(clear(to));
    (*cable_).*outgoing_ = std::move(frame);
  }

  void abandon(NodeId peer) override {
    BALLAST_EXPECT(peer == peer_);
    ((*cable_).*outgoing_).reset();
  }

  std::optional<Received> receive() override {
    auto frame = std::exchange((*cable_).*incoming_, {});
    if (!frame) return {};
    return Received{peer_, std::move(*frame)};
  }

 private:
  std::shared_ptr<Cable> cable_;
  NodeId peer_;
  Slot outgoing_;
  Slot incoming_;
};

}  // namespace

std::pair<std::unique_ptr<Wire>, std::unique_ptr<Wire>> make_wire_in_process(NodeId node) {
  auto const cable = std::make_shared<Cable>();
  return {std::make_unique<WireInProcess>(cable, node, &Cable::to_node, &Cable::to_main),
          std::make_unique<WireInProcess>(cable, main_node, &Cable::to_main, &Cable::to_node)};
}

}  // namespace ballast
