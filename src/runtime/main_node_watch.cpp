// A pidfd where the kernel has them: it cannot mean another process that was given the same number.
#include "runtime/main_node_watch.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ballast {
namespace {

using namespace std::chrono_literals;

constexpr Duration longest_turn = 100ms;
constexpr Duration look_interval = 250ms;
constexpr int leases_of_silence = 3;

}  // namespace

MainNodeWatch::MainNodeWatch(Begin const& begin, std::string_view here)
    : process_{look_for(begin, here)}, lease_{begin.lease} {}

MainNodeWatch::Sight MainNodeWatch::look_for(Begin const& begin, std::string_view here) {
  auto const process = static_cast<pid_t>(begin.process);
  if (process <= 0 || begin.host != here) return Unseen{};
  auto const opened = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (opened >= 0) return Descriptor{opened};
  if (errno == ESRCH || ::kill(process, 0) != 0) return Unseen{};
  return process;
}

bool MainNodeWatch::gone(Time now) {
  auto const turn = std::exchange(last_turn_, now).value_or(now);
  if (std::holds_alternative<Unseen>(process_)) {
    silence_ += std::clamp<Duration>(now - turn, 0ms, longest_turn);
    return lease_ > Duration{0} && silence_ > leases_of_silence * lease_;
  }
  if (last_look_ && now - *last_look_ < look_interval) return false;
  last_look_ = now;
  return process_ended();
}

bool MainNodeWatch::process_ended() const {
  if (auto const* const descriptor = std::get_if<Descriptor>(&process_)) {
    pollfd source{descriptor->number(), POLLIN, 0};
    return ::poll(&source, 1, 0) > 0;
  }
  auto const* const process = std::get_if<pid_t>(&process_);
  return process != nullptr && ::kill(*process, 0) != 0 && errno == ESRCH;
}

}  // namespace ballast
