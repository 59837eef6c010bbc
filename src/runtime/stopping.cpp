// Signals come first: they leave the least time.
#include "runtime/stopping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ballast {
namespace {

// What is done must be durable, and everybody told, before mpirun's SIGKILL.
constexpr Duration moment = std::chrono::milliseconds{300};
constexpr Duration hold_after_continuation = std::chrono::milliseconds{1500};
// Ending a run, sync and all, takes less.
constexpr Duration time_to_end = std::chrono::seconds{1};
// GNU parallel looks at percentages only then.
constexpr std::uint64_t least_for_percent = 3;

std::string text_of(Halt const& halt) {
  auto const* const what = halt.what == Halt::What::failed   ? "fail"
                           : halt.what == Halt::What::solved ? "success"
                                                             : "done";
  auto const limit = std::holds_alternative<Percent>(halt.limit)
                         ? fmt::format("{:g}%", std::get<Percent>(halt.limit).value)
                         : fmt::format("{}", std::get<std::uint64_t>(halt.limit));
  return fmt::format("--halt {},{}={}", halt.how == Halt::How::now ? "now" : "soon", what, limit);
}

}  // namespace

bool reached(Halt const& halt, Tally const& tally) {
  auto const ended = tally.solved + tally.given_up;
  auto const count = halt.what == Halt::What::failed   ? tally.given_up
                     : halt.what == Halt::What::solved ? tally.solved
                                                       : ended;
  if (auto const* const number = std::get_if<std::uint64_t>(&halt.limit)) return count > 0 && count >= *number;
  if (!tally.jobs) return false;
  auto const share = std::get<Percent>(halt.limit).value / 100 * static_cast<double>(*tally.jobs);
  return ended >= least_for_percent && count > 0 && static_cast<double>(count) >= share;
}

Stopping::Stopping(Interruption const& interruption, RunOptions const& options, Notice notice, Time began)
    : interruption_{interruption},
      grace_{options.grace},
      run_limit_{options.run_limit},
      halt_{options.halt},
      notice_{notice},
      began_{began} {}

std::optional<StopOrder> Stopping::look(Tally const& tally, Time now) const {
  if (auto order = signalled()) return order;
  if (auto order = out_of_time(now)) return order;
  return halted(tally);
}

std::optional<StopOrder> Stopping::signalled() const {
  using Why = Interruption::Why;
  auto const why = interruption_.pending();
  if (!why) return {};
  bool const a_moment = notice_ == Notice::a_moment && *why != Why::warning;
  auto const grace = *why == Why::launcher_gone ? Duration{0} : a_moment ? std::min(moment, grace_) : grace_;
  return StopOrder{StopOrder::Kind::signal, std::string{name_of(*why)}, grace, exit_code_of(*why)};
}

std::optional<StopOrder> Stopping::out_of_time(Time now) const {
  if (!run_limit_) return {};
  auto const grace = std::min(grace_ + time_to_end, *run_limit_ / 2);
  if (now < began_ + *run_limit_ - grace) return {};
  return StopOrder{StopOrder::Kind::time_limit, "its time limit", std::max(grace - time_to_end, grace / 2),
                   ExitCode::terminated};
}

std::optional<StopOrder> Stopping::halted(Tally const& tally) const {
  if (!halt_ || !reached(*halt_, tally)) return {};
  auto const grace = halt_->how == Halt::How::now ? Duration{0} : Duration::max();
  return StopOrder{StopOrder::Kind::halt, text_of(*halt_), grace, ExitCode::incomplete};
}

bool Stopping::on_hold(Time now) const {
  if (notice_ != Notice::a_moment) return false;
  auto const continued = interruption_.continued();
  return continued && now - *continued < hold_after_continuation;
}

}  // namespace ballast
