// The window of each node, and one budget for all, bound what the Main Node has loaded.
#include "runtime/exchange.hpp"

namespace ballast {
namespace {

// Large jobs are loaded one after the other rather than one per node.
constexpr std::size_t most_loaded = std::size_t{64} << 20;

}  // namespace

Exchange::Exchange(Wire& wire, RunId run, std::vector<NodeId> const& nodes) : wire_{wire}, run_{run} {
  for (auto const node : nodes) outboxes_.try_emplace(node);
}

void Exchange::tell_all(Message const& message) {
  for (auto& [node, outbox] : outboxes_) outbox.add(message);
}

void Exchange::forget_jobs() {
  for (auto& [node, outbox] : outboxes_) outbox.clear_jobs();
}

std::optional<Exchange::Arrival> Exchange::receive() {
  auto received = wire_.receive();
  if (!received) return {};
  auto message = decode_message(received->frame);
  if (auto const* const report = std::get_if<Report>(&message)) outboxes_.at(received->from).taken(report->taken);
  return Arrival{received->from, std::move(message)};
}

bool Exchange::send(Outbox::NextJob next, Outbox::Load const& load) {
  bool sent = false;
  std::size_t loaded = 0;
  for (auto const& [node, outbox] : outboxes_) loaded += outbox.loaded();
  for (auto& [node, outbox] : outboxes_) {
    if (!wire_.clear(node)) continue;
    auto const before = outbox.loaded();
    auto frame = outbox.next_frame(run_, loaded < most_loaded ? next : Outbox::NextJob::wait, load);
    loaded += outbox.loaded() - before;
    if (!frame) continue;
    wire_.send(node, std::move(*frame));
    sent = true;
  }
  return sent;
}

}  // namespace ballast
