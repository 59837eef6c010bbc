// Take what arrived, decide, act, tell; sleep when there is nothing to take.
#include "runtime/main_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "ballast/core/terminal.hpp"
#include "ballast/runtime/session.hpp"

namespace ballast {
namespace {

constexpr int most_mail_per_turn = 64;
constexpr Duration patience_when_interrupted = std::chrono::milliseconds{500};

Rules rules_of(RunOptions const& options) {
  return {options.retries, options.prefetch, options.max_jobs_per_node.value_or(UINT64_MAX), options.speculation};
}

/// The node's place in `nodes` is that of its weight.
std::optional<double> weight_of(NodeId node, std::vector<NodeId> const& nodes, std::vector<double> const& weights) {
  auto const place = static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), node) - nodes.begin());
  return place < weights.size() ? std::optional{weights[place]} : std::nullopt;
}

template <class Kind>
Kind const* find_fact(Step const& step) {
  for (auto const& fact : step.facts)
    if (auto const* const found = std::get_if<Kind>(&fact)) return found;
  return nullptr;
}

ProgressLook look_of(RunOptions const& options) {
  if (options.progress == ProgressStyle::never || options.verbosity == Verbosity::quiet) return ProgressLook::none;
  return is_terminal(Stream::error) ? ProgressLook::bar : ProgressLook::lines;
}

Begin begin_of(MainSetting const& setting, RunOptions const& options) {
  Begin begin{.run = setting.run, .build = version(), .arguments = setting.arguments, .lease = options.lease};
  begin.directory = std::filesystem::absolute(options.directory.empty() ? "." : options.directory).lexically_normal();
  std::set<std::string> names{options.environment.begin(), options.environment.end()};
  names.insert("PATH");
  for (auto const& name : names)
    if (auto const* const value = std::getenv(name.c_str())) begin.variables.push_back(name + "=" + value);
  return begin;
}

}  // namespace

MainNode::MainNode(Wire& wire, Companion companion, Console& console, Interruption const& interruption,
                   MainSetting setting, RunOptions const& options)
    : exchange_{wire, setting.run, setting.nodes},
      companion_{std::move(companion)},
      console_{console},
      interruption_{interruption},
      setting_{std::move(setting)},
      options_{options},
      dispatcher_{make_policy(options.policy), rules_of(options)},
      progress_{console, look_of(options)},
      patience_{setting_.spin},
      time_limit_{options.time_limit},
      failures_{console, options.verbosity} {}

RunReport MainNode::run(Problem& problem) {
  try {
    if (!options_.record.empty())
      recorder_.emplace(options_.record, ScriptHeader{options_.policy, rules_of(options_)}, console_);
    auto splitter = problem.split();
    auto joiner = problem.join();
    call_the_roll();
    expect_costs(problem);
    // From here on there are threads; with one rank, its solvers have been forked by now.
    auto const ahead = dispatcher_.needs_total() ? ReadAhead::all : ReadAhead::bounded;
    feed_ = make_job_feed(std::move(splitter), ahead, report_.solvers);
    desk_ = std::make_unique<JoinDesk>(std::move(joiner));
    work();
    report_.outcome = report_.given_up_count == 0 ? ExitCode::solved : ExitCode::incomplete;
    failures_.sum_up(report_);
  } catch (ReaderGone const& gone) {
    report_.outcome = gone.exit_code();
  } catch (Error const& error) {
    console_.say(error.what());
    report_.outcome = error.exit_code();
  } catch (std::exception const& error) {
    fail(error.what());
  } catch (...) {
    fail("something that is not a std::exception was thrown");
  }
  if (recorder_) recorder_->close();
  report_.messages = exchange_.messages();
  return report_;
}

void MainNode::fail(std::string_view why) {
  console_.say(fmt::format("the run cannot go on ({}); look at what split and join do", why));
  report_.outcome = ExitCode::engine;
}

void MainNode::call_the_roll() {
  exchange_.tell_all(begin_of(setting_, options_));
  std::vector<std::pair<NodeId, Refused>> refusals;
  for (std::size_t answers = 0; answers < setting_.nodes.size();) {
    auto const now = Clock::now();
    auto const arrival = exchange_.receive();
    if (!arrival) {
      check_interruption();
      wait_for_mail(now);
      continue;
    }
    ++answers;
    if (auto const* const refused = std::get_if<Refused>(&arrival->message)) {
      refusals.emplace_back(arrival->from, *refused);
    } else {
      auto const& ready = std::get<Ready>(arrival->message);
      ++report_.nodes;
      report_.solvers += ready.solvers;
      auto const weight = weight_of(arrival->from, setting_.nodes, options_.weights);
      static_cast<void>(decide(NodeJoined{arrival->from, ready.solvers, weight}, now));
      if (options_.verbosity == Verbosity::verbose)
        console_.say(fmt::format("rank {} on {}: {} solver{}, {} cpus allowed", arrival->from.value(), ready.host,
                                 ready.solvers, ready.solvers == 1 ? "" : "s", ready.cpus));
    }
  }
  judge(refusals, setting_.nodes.size());
  if (auto const limit = time_limit_.at_start()) exchange_.tell_all(Limit{setting_.run, limit});
}

void MainNode::judge(std::vector<std::pair<NodeId, Refused>> const& refusals, std::size_t nodes) {
  for (auto const& [node, refused] : refusals)
    if (refused.kind == Refusal::disagreement)
      throw UsageError{fmt::format("rank {} on {} was started differently", node.value(), refused.host), refused.reason,
                       "give all ranks the same program and options"};
  if (refusals.empty()) return;
  auto const& [node, refused] = refusals.front();
  if (refusals.size() == nodes)
    throw InputOutputError{(nodes == 1 ? "" : "no computing node can work: ") + refused.reason, "", ""};
  console_.say(fmt::format("{} of {} computing nodes cannot work and get no jobs (rank {} on {}: {})", refusals.size(),
                           nodes, node.value(), refused.host, refused.reason));
}

void MainNode::expect_costs(Problem& problem) {
  auto costs = problem.costs();
  if (!costs.empty()) static_cast<void>(decide(CostsExpected{std::move(costs)}, Clock::now()));
}

void MainNode::work() {
  while (!desk_->closed()) {
    auto const now = Clock::now();
    if (turn(now))
      patience_.arrived(now);
    else
      companion_.rest(nap(now));
  }
}

bool MainNode::turn(Time now) {
  check_interruption();
  auto const messages = exchange_.messages();
  bool busy = look_for_jobs(now);
  busy |= take_releases(now);
  busy |= take_mail(now);
  busy |= mind_alarm(now);
  auto const next = desk_->congested() ? Outbox::NextJob::wait : Outbox::NextJob::load;
  busy |= exchange_.send(next, [this](JobId job) { return feed_->load(job); });
  if (busy) measure_messages(now, exchange_.messages() - messages);
  busy |= companion_.step();
  if (all_resolved_) desk_->finish();
  progress_.tick(now);
  return busy;
}

bool MainNode::look_for_jobs(Time now) {
  if (found_.ended) return false;
  auto const found = feed_->found();
  bool const more = found.jobs > found_.jobs;
  if (more) static_cast<void>(decide(JobsFound{found.jobs}, now));
  if (found.ended) static_cast<void>(decide(DatasetEnded{}, now));
  found_ = found;
  report_.jobs = found.jobs;
  return more || found.ended;
}

bool MainNode::take_mail(Time now) {
  for (int count = 0; count < most_mail_per_turn; ++count) {
    auto arrival = exchange_.receive();
    if (!arrival) return count > 0;
    if (auto* const report = std::get_if<Report>(&arrival->message))
      take(arrival->from, std::move(*report), now);
    else if (auto const* const broken = std::get_if<Broken>(&arrival->message))
      take(arrival->from, *broken, now);
    else
      throw EngineError{fmt::format("rank {} answered what it was not asked", arrival->from.value()), "",
                        "please report this as a bug of Ballast"};
  }
  return true;
}

bool MainNode::take_releases(Time now) {
  bool any = false;
  while (auto release = exchange_.release()) {
    static_cast<void>(decide(JobsReleased{release->from, std::move(release->runs)}, now));
    any = true;
  }
  return any;
}

void MainNode::take(NodeId from, Report&& report, Time now) {
  for (auto& item : report.news)
    std::visit([&]<class N>(N&& news) { take_news(from, std::forward<N>(news), now); }, std::move(item));
}

void MainNode::take(NodeId from, Broken const& broken, Time now) {
  console_.say(fmt::format("rank {} cannot go on ({}); its jobs go to others", from.value(), broken.reason));
  exchange_.forget_jobs(from);
  static_cast<void>(decide(NodeLost{from}, now));
}

void MainNode::take_news(NodeId from, Started const& news, Time now) {
  static_cast<void>(decide(AttemptStarted{from, news.name}, now));
}

void MainNode::take_news(NodeId from, Piece const& news, Time) {
  if (dispatcher_.ledger().holds(from, news.name)) desk_->add_piece(news.name, news.bytes);
}

void MainNode::take_news(NodeId from, Solved&& news, Time now) {
  auto const step = decide(SolutionArrived{from, news.name, news.runtime}, now);
  if (find_fact<SolutionAccepted>(step) == nullptr) return desk_->drop_pieces(news.name);
  ++report_.solved;
  report_.working += news.runtime;
  patience_.lead(dispatcher_.lead(from));
  failures_.printed(news.name, news.diagnostics);
  desk_->accept(news.name, std::move(news.bytes));
  feed_->resolve(news.name.job);
  if (auto const limit = time_limit_.solved(news.runtime)) exchange_.tell_all(Limit{setting_.run, limit});
}

void MainNode::take_news(NodeId from, Failed&& news, Time now) {
  auto const step = decide(FailureArrived{from, news.name}, now);
  desk_->drop_pieces(news.name);
  if (find_fact<RetryPlanned>(step) != nullptr) failures_.retried(from, news);
  if (auto const* const given_up = find_fact<JobGivenUp>(step)) {
    desk_->skip(news.name.job);
    feed_->resolve(news.name.job);
    failures_.given_up(from, given_up->failures, std::move(news), report_);
  }
}

Step MainNode::decide(Event const& event, Time now) {
  auto step = dispatcher_.on(event, now);
  progress_.observe(event, step, now);
  if (recorder_) recorder_->observe(event, step, now);
  for (auto const& action : step.actions) std::visit([this](auto const& chosen) { act(chosen); }, action);
  for (auto const& fact : step.facts) conclude(fact);
  return step;
}

void MainNode::act(AssignJobs const& action) { exchange_.assign(action.node, action.runs); }

void MainNode::act(RecallJobs const& action) { exchange_.recall(action.node, action.count); }

void MainNode::act(CancelJob const& action) {
  exchange_.cancel(action.node, action.name);
  desk_->drop_pieces(action.name);
}

void MainNode::act(DismissNode const& action) { exchange_.tell(action.node, Dismiss{setting_.run}); }

bool MainNode::mind_alarm(Time now) {
  auto const alarm = dispatcher_.alarm();
  if (!alarm || now < *alarm) return false;
  static_cast<void>(decide(TimePassed{}, now));
  return true;
}

void MainNode::measure_messages(Time begun, std::uint64_t messages) {
  meter_.count(Clock::now() - begun, messages);
  if (auto const cost = meter_.news(begun)) static_cast<void>(decide(MessageCostMeasured{*cost}, begun));
}

Duration MainNode::nap(Time now) const {
  auto const nap = patience_.nap(now);
  auto const alarm = dispatcher_.alarm();
  return alarm ? std::clamp(*alarm - now, Duration{0}, nap) : nap;
}

void MainNode::conclude(Fact const& fact) {
  if (auto const* const finished = std::get_if<RunFinished>(&fact)) {
    all_resolved_ = true;
    report_.makespan = finished->makespan;
  }
  if (auto const* const stranded = std::get_if<RunStranded>(&fact))
    throw EngineError{fmt::format("no computing node is left for {} unsolved jobs", stranded->unresolved),
                      options_.max_jobs_per_node ? "--max-jobs-per-node let all of them leave" : "all have failed",
                      "start it again with more nodes"};
}

void MainNode::wait_for_mail(Time now) {
  auto const sent = exchange_.send(Outbox::NextJob::wait, {});
  if (!companion_.step() && !sent) companion_.rest(patience_.nap(now));
}

void MainNode::check_interruption() const {
  if (auto const signal = interruption_.pending())
    throw Interrupted{*signal, fmt::format("{} of {} jobs were solved", report_.solved, report_.jobs)};
}

void MainNode::end(ExitCode outcome) {
  exchange_.forget_jobs();
  exchange_.tell_all(End{setting_.run, outcome});
  auto const interrupted = interruption_.pending().has_value();
  auto const began = Clock::now();
  for (std::size_t left = setting_.nodes.size(); left > 0;) {
    auto const now = Clock::now();
    if (interrupted && now - began > patience_when_interrupted) return;
    auto const arrival = exchange_.receive();
    if (arrival && std::holds_alternative<Bye>(arrival->message)) --left;
    if (!arrival) wait_for_mail(now);
  }
}

bool MainNode::at_rest() {
  bool const joined = !desk_ || desk_->stop();
  bool const split = !feed_ || feed_->stop();
  return joined && split;
}

}  // namespace ballast
