// What could not be written is noticed when the file is closed.
#include "timeline.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <string_view>

#include <ballast/core/error.hpp>

namespace app {

void Timeline::open(std::string const& path) {
  path_ = path;
  if (path.empty()) return;
  file_.open(path, std::ios::trunc);
  file_ << "policy,node,solver,job,attempt,start,end,outcome\n";
  check();
}

std::function<void(ballast::AttemptSpan const&)> Timeline::of(std::string policy) {
  if (path_.empty()) return {};
  if (policy.find(',') != std::string::npos) policy = "\"" + policy + "\"";
  return [this, policy](ballast::AttemptSpan const& span) { write(policy, span); };
}

void Timeline::close() {
  if (path_.empty()) return;
  file_.close();
  check();
}

void Timeline::write(std::string const& policy, ballast::AttemptSpan const& span) {
  constexpr std::string_view ends[] = {"solved", "failed", "cancelled", "lost"};
  auto const seconds = [](ballast::Duration time) { return std::chrono::duration<double>{time}.count(); };
  file_ << fmt::format("{},{},{},{},{},{:.9f},{:.9f},{}\n", policy, span.node.value(), span.solver.value(),
                       span.name.job.value(), span.name.attempt.value(), seconds(span.begin), seconds(span.end),
                       ends[static_cast<std::size_t>(span.how)]);
}

void Timeline::check() const {
  if (!file_) throw ballast::InputOutputError::from_errno("cannot write the timeline " + path_, errno, "correct it");
}

}  // namespace app
