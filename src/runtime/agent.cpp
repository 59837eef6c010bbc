// Jobs in, news out.
#include "runtime/agent.hpp"

#include <algorithm>
#include <utility>

namespace ballast {
namespace {

// A solver inside the rank must not keep the wire waiting: after this long, reports go out and frames come in.
constexpr Duration longest_turn = std::chrono::microseconds{200};
// With so much unsent the Main Node is slower than the solvers, which must wait then.
constexpr std::size_t most_unsent = 4 * frame_bytes;
// What an item takes in a frame beside its bytes.
constexpr std::size_t item_overhead = 48;

struct SizeOf {
  std::size_t operator()(Started const&) const { return item_overhead; }
  std::size_t operator()(Piece const& piece) const { return item_overhead + piece.bytes.size(); }
  std::size_t operator()(Solved const& solved) const {
    return item_overhead + solved.bytes.size() + solved.diagnostics.size();
  }
  std::size_t operator()(Failed const& failed) const { return item_overhead + failed.failure.diagnostics.size(); }
};

}  // namespace

Agent::Agent(RunId run, std::unique_ptr<SolverPool> solvers) : run_{run}, solvers_{std::move(solvers)} {}

void Agent::take(JobPiece piece) {
  if (!incoming_) incoming_ = Job{piece.name, piece.digest, {}};
  auto& payload = incoming_->payload;
  if (incoming_->name != piece.name || piece.bytes.size() > piece.size - payload.size())
    throw EngineError{"a job arrived in pieces that do not fit together", "", "please report this as a bug of Ballast"};
  if (payload.empty())
    payload = std::move(piece.bytes);
  else
    payload.append(piece.bytes);
  if (payload.size() < piece.size) return;
  queue_.push_back(std::move(*incoming_));
  incoming_.reset();
}

bool Agent::work() {
  auto const began = Clock::now();
  bool any = false;
  // News first: the end of one job and the start of the next go into one report.
  for (auto now = began; unsent_ < most_unsent && now - began < longest_turn; now = Clock::now()) {
    bool const gathered = gather_news(now);
    bool const started = start_jobs(now);
    if (!gathered && !started) break;
    any = true;
  }
  return any;
}

bool Agent::start_jobs(Time now) {
  bool any = false;
  while (!queue_.empty() && solvers_->idle() > 0) {
    auto job = std::move(queue_.front());
    queue_.pop_front();
    taken_ += queue_bytes(job.payload.size());
    add(Started{job.name});
    solvers_->start(std::move(job), now);
    any = true;
  }
  return any;
}

bool Agent::gather_news(Time now) {
  auto fresh = solvers_->poll(now);
  for (auto& item : fresh) {
    if (auto const* const solved = std::get_if<Solved>(&item)) pace_ += (solved->runtime - pace_) / 8;
    add(std::move(item));
  }
  return !fresh.empty();
}

void Agent::add(News item) {
  unsent_ += std::visit(SizeOf{}, item);
  news_.push_back(std::move(item));
}

std::optional<Report> Agent::report() {
  if (news_.empty()) return {};
  Report report{run_, taken_, {}};
  std::size_t filled = 0;
  while (!news_.empty() && filled < frame_bytes) {
    filled += std::visit(SizeOf{}, news_.front());
    report.news.push_back(std::move(news_.front()));
    news_.pop_front();
  }
  unsent_ -= filled;
  return report;
}

}  // namespace ballast
