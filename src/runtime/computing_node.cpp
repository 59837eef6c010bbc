// A computing node answers; it never decides. What it cannot do it says, and the Main Node goes on with the others.
#include "runtime/computing_node.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include "ballast/runtime/session.hpp"
#include "core/host.hpp"
#include "solver/cpu_mask.hpp"

namespace ballast {
namespace {

std::string first_difference(std::vector<std::string> const& here, std::vector<std::string> const& there) {
  for (std::size_t i = 0; i < std::max(here.size(), there.size()); ++i) {
    auto const mine = i < here.size() ? fmt::format("`{}`", here[i]) : "nothing";
    auto const yours = i < there.size() ? fmt::format("`{}`", there[i]) : "nothing";
    if (mine != yours) return fmt::format("argument {} is {} here, {} on rank 0", i + 1, mine, yours);
  }
  return {};
}

std::optional<std::string> disagreement(Begin const& begin, NodeSetting const& setting) {
  if (setting.objection) return setting.objection;
  if (begin.build != version()) return fmt::format("it is ballast {} here, {} on rank 0", version(), begin.build);
  if (auto difference = first_difference(setting.arguments, begin.arguments); !difference.empty()) return difference;
  return {};
}

void set_variables(Begin const& begin) {
  for (auto const& variable : begin.variables) {
    auto const name = variable.substr(0, variable.find('='));
    setenv(name.c_str(), variable.c_str() + std::min(name.size() + 1, variable.size()), /*replace=*/1);
  }
}

/// Goes where the jobs are done, for good or until it is destroyed. Throws InputOutputError if the node cannot work
/// there.
class Move {
 public:
  enum class Until { end_of_process, destroyed };

  Move(std::string const& directory, Until until) {
    if (until == Until::destroyed) home_ = std::filesystem::current_path();
    if (chdir(directory.c_str()) != 0)
      throw InputOutputError::from_errno(fmt::format("cannot work in {}", directory), errno,
                                         "make it visible on this node or give --workdir");
  }
  Move(Move const&) = delete;
  Move& operator=(Move const&) = delete;
  ~Move() {
    std::error_code gone;
    if (!home_.empty()) std::filesystem::current_path(home_, gone);
  }

 private:
  std::filesystem::path home_;
};

}  // namespace

ComputingNode::ComputingNode(Wire& wire, NodeSetting setting, Problem* problem, RunOptions options, StateStore& kept)
    : wire_{wire}, setting_{std::move(setting)}, problem_{problem}, options_{std::move(options)}, kept_{kept} {}

bool ComputingNode::step(Time now) {
  bool busy = listen(now);
  if (intake_ && intake_->missing().empty() && answers_.empty() && wire_.clear(main_node)) {
    answers_.push_back(begin_work());  // takes its time; what this node had to say before is on its way
    busy = true;
  }
  if (agent_) {
    try {
      busy |= agent_->work();
    } catch (EngineError const& error) {
      answers_.push_back(Broken{run_, error.what()});
      agent_.reset();
    }
  }
  busy |= send_next(now);
  if (ending_ && answers_.empty() && wire_.clear(main_node)) outcome_ = ending_;
  return busy;
}

bool ComputingNode::listen(Time now) {
  auto const received = wire_.receive();
  if (received)
    std::visit([this]<class M>(M&& message) { on(std::forward<M>(message)); }, decode_message(received->frame));
  if (!main_node_watch_) return received.has_value();
  if (received) main_node_watch_->heard();
  if (main_node_watch_->gone(now)) {
    outcome_ = ending_;
    orphaned_ = !outcome_;
  }
  return received.has_value();
}

void ComputingNode::rest(Duration at_most) {
  if (agent_)
    agent_->rest(at_most);
  else
    std::this_thread::sleep_for(at_most);
}

std::optional<Duration> ComputingNode::rest_at_work(Time now) const {
  if (!agent_ || agent_->hungry()) return {};
  return std::clamp<Duration>(agent_->pace(now) / 4, std::chrono::microseconds{100}, std::chrono::milliseconds{5});
}

bool ComputingNode::send_next(Time now) {
  if (!wire_.clear(main_node)) return false;
  auto const message = next_message(now);
  if (!message) return false;
  wire_.send(main_node, encode_message(*message));
  last_sent_ = now;
  return true;
}

std::optional<Message> ComputingNode::next_message(Time now) {
  if (!answers_.empty()) {
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  if (agent_)
    if (auto report = agent_->report()) return std::move(*report);
  if (!ending_ && sign_of_life_ && now - last_sent_ >= *sign_of_life_) return Alive{run_};
  return {};
}

// The first one, or another after a silence that was too long: then all that was done since is void, and the solvers of
// that time end before there are new ones.
void ComputingNode::on(Begin const& begin) {
  agent_.reset();
  answers_.clear();
  run_ = begin.run;
  call_ = begin.call;
  sign_of_life_.reset();
  if (begin.lease > Duration{0}) sign_of_life_ = begin.lease / 4;
  main_node_watch_.emplace(begin, host_name());
  answers_.push_back(look_at(begin));
}

void ComputingNode::on(StatePiece const& piece) {
  if (agent_ || !intake_) return;  // of a run that this node has refused, or that has ended
  intake_->add(piece);
}

Message ComputingNode::look_at(Begin const& begin) {
  intake_.reset();
  if (auto const reason = disagreement(begin, setting_))
    return Refused{begin.run, Refusal::disagreement, host_name(), *reason};
  set_variables(begin);
  directory_ = begin.directory;
  intake_.emplace(kept_, begin.state);
  return Needs{run_, call_, intake_->missing()};
}

Message ComputingNode::begin_work() {
  try {
    problem_->take(intake_->take());
    intake_.reset();
    auto const solvers = solver_count();
    // The Main Node, if it is in this process, has paths of its own to open.
    bool const returns = setting_.ranks == 1 && solvers > 0;
    Move const move{directory_, returns ? Move::Until::destroyed : Move::Until::end_of_process};
    problem_->prepare();
    agent_ = std::make_unique<Agent>(run_, solvers == 0 ? make_inline_pool(*problem_, setting_.self)
                                                        : make_process_pool(*problem_, setting_.self, solvers));
    return Ready{run_, std::max(solvers, 1U), allowed_cpus().count(), host_name(), solvers == 0, call_};
  } catch (std::exception const& error) {
    intake_.reset();
    return unable(error);
  }
}

Refused ComputingNode::unable(std::exception const& error) const {
  return {run_, Refusal::inability, host_name(), error.what()};
}

std::uint32_t ComputingNode::solver_count() const {
  auto const cores = allowed_cpus().count();
  if (auto const* const count = std::get_if<std::uint32_t>(&options_.solvers)) return *count;
  if (auto const* const share = std::get_if<Percent>(&options_.solvers))
    return std::max(1U, static_cast<std::uint32_t>(std::lround(cores * share->value / 100)));
  return setting_.ranks == 1 ? cores : 1;
}

void ComputingNode::on(Jobs&& jobs) {
  if (!agent_) return;  // broken, and the Main Node does not know it yet
  for (auto& piece : jobs.pieces) agent_->take(std::move(piece));
}

void ComputingNode::on(Recall const& recall) {
  if (agent_) answers_.push_back(agent_->recall(recall.count));
}

void ComputingNode::on(Cancel const& cancel) {
  if (agent_) agent_->cancel(cancel.name);
}

void ComputingNode::on(Limit const& limit) {
  if (agent_) agent_->limit(limit.limit);
}

void ComputingNode::on(Alive const&) {}

void ComputingNode::on(Dismiss const&) { agent_.reset(); }

void ComputingNode::on(End const& end) {
  agent_.reset();
  intake_.reset();
  answers_.clear();
  answers_.push_back(Bye{end.run});
  ending_ = end.exit_code;
}

template <class Unexpected>
void ComputingNode::on(Unexpected const&) {
  throw EngineError{"the Main Node sent what only computing nodes send", "", "please report this as a bug of Ballast"};
}

}  // namespace ballast
