// The Main Node's memory with many computing nodes and large jobs.
#include "runtime/exchange.hpp"

#include <set>

#include "support/catch.hpp"

namespace ballast {
namespace {

/// A wire that takes one frame per node, and delivers it when the test says so.
class StuckWire final : public Wire {
 public:
  bool clear(NodeId to) override { return !busy.contains(to); }
  void send(NodeId to, std::string) override { busy.insert(to); }
  std::optional<Received> receive() override { return {}; }

  std::set<NodeId> busy;
};

}  // namespace

TEST_CASE("large jobs are loaded one after the other, and not one for each node") {
  StuckWire wire;
  std::vector<NodeId> nodes;
  for (std::uint32_t i = 1; i <= 20; ++i) nodes.emplace_back(i);
  Exchange exchange{wire, RunId{}, nodes};
  for (auto const node : nodes) exchange.assign(node, {{JobId{node.value()}, 1, Attempt{1}}});
  int loaded = 0;
  auto const load = [&](JobId) {
    ++loaded;
    return Payload(std::size_t{70} << 20, 'x');
  };
  CHECK(exchange.send(Outbox::NextJob::load, load));
  CHECK(loaded == 1);
  for (int frames = 0; frames < 80; ++frames) {
    wire.busy.clear();
    static_cast<void>(exchange.send(Outbox::NextJob::load, load));
  }
  CHECK(loaded > 1);
  CHECK(loaded < 20);
}

}  // namespace ballast
