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
  if (std::exchange(incoming_cancelled_, false))
    taken_ += queue_bytes(payload.size());
  else
    queue_.push_back(std::move(*incoming_));
  incoming_.reset();
}

Released Agent::recall(std::uint64_t count) {
  auto const first = queue_.end() - static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, queue_.size()));
  Released released{run_, taken_, {}};
  for (auto job = first; job != queue_.end(); ++job) {
    released.taken += queue_bytes(job->payload.size());
    released.names.push_back(job->name);
  }
  queue_.erase(first, queue_.end());
  taken_ = released.taken;
  return released;
}

void Agent::cancel(JobAttempt name) {
  if (incoming_ && incoming_->name == name) incoming_cancelled_ = true;
  auto const queued = std::find_if(queue_.begin(), queue_.end(), [&](Job const& job) { return job.name == name; });
  if (queued == queue_.end()) return solvers_->cancel(name);
  taken_ += queue_bytes(queued->payload.size());
  queue_.erase(queued);
}

bool Agent::work() {
  auto const began = Clock::now();
  bool any = false;
  // News first: the end of one job and the start of the next go into one report. A start alone is told at once: a
  // solver inside the rank may be gone for long.
  for (auto now = began; unsent_ < most_unsent && now - began < longest_turn; now = Clock::now()) {
    bool const gathered = gather_news(now);
    bool const started = start_jobs(now);
    any |= gathered || started;
    if (!gathered) break;
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
    latest_ = now;
    any = true;
  }
  return any;
}

bool Agent::gather_news(Time now) {
  auto fresh = solvers_->poll(now);
  for (auto& item : fresh) {
    if (auto const* const solved = std::get_if<Solved>(&item)) pace_ += (solved->runtime - pace_) / 8;
    add(std::move(item));
    latest_ = now;
  }
  return !fresh.empty();
}

void Agent::add(News item) {
  drop_start_of(item);
  unsent_ += std::visit(SizeOf{}, item);
  news_.push_back(std::move(item));
}

// A short job's end follows its start so closely that the start is no news.
void Agent::drop_start_of(News const& end) {
  auto const* const started = news_.empty() ? nullptr : std::get_if<Started>(&news_.back());
  auto const ended_is = [&](auto const& kind) { return kind != nullptr && kind->name == started->name; };
  if (started == nullptr || !(ended_is(std::get_if<Solved>(&end)) || ended_is(std::get_if<Failed>(&end)))) return;
  unsent_ -= item_overhead;
  news_.pop_back();
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
