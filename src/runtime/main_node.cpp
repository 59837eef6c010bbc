// Take what arrived, decide, act, tell; sleep when there is nothing to take.
#include "runtime/main_node.hpp"

#include <fmt/format.h>

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
  return {options.retries, options.prefetch, options.max_jobs_per_node.value_or(UINT64_MAX)};
}

ProgressLook look_of(RunOptions const& options) {
  if (options.progress == ProgressStyle::never || options.verbosity == Verbosity::quiet) return ProgressLook::none;
  return is_terminal(Stream::error) ? ProgressLook::bar : ProgressLook::lines;
}

Begin begin_of(MainSetting const& setting, RunOptions const& options) {
  Begin begin{setting.run, version(), setting.arguments, {}, {}};
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
    auto splitter = problem.split();
    auto joiner = problem.join();
    call_the_roll();
    // From here on there are threads; with one rank, its solvers have been forked by now.
    auto const ahead = dispatcher_.needs_total() ? ReadAhead::all : ReadAhead::bounded;
    feed_ = make_job_feed(std::move(splitter), ahead, solvers_);
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
      solvers_ += ready.solvers;
      static_cast<void>(decide(NodeJoined{arrival->from, ready.solvers}, now));
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

void MainNode::work() {
  while (!desk_->closed()) {
    auto const now = Clock::now();
    if (turn(now))
      patience_.arrived(now);
    else
      companion_.rest(patience_.nap(now));
  }
}

bool MainNode::turn(Time now) {
  check_interruption();
  bool busy = look_for_jobs(now);
  busy |= take_mail(now);
  auto const next = desk_->congested() ? Outbox::NextJob::wait : Outbox::NextJob::load;
  busy |= exchange_.send(next, [this](JobId job) { return feed_->load(job); });
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

void MainNode::take(NodeId from, Report&& report, Time now) {
  for (auto& item : report.news)
    std::visit([&]<class N>(N&& news) { take_news(from, std::forward<N>(news), now); }, std::move(item));
}

void MainNode::take(NodeId from, Broken const& broken, Time now) {
  console_.say(fmt::format("rank {} cannot go on ({}); its jobs go to others", from.value(), broken.reason));
  static_cast<void>(decide(NodeLost{from}, now));
}

// A report comes with each start, and its `taken` is what matters as long as no node is lost in the middle of a job.
void MainNode::take_news(NodeId, Started const&, Time) {}

void MainNode::take_news(NodeId, Piece const& news, Time) { desk_->add_piece(news.name, news.bytes); }

void MainNode::take_news(NodeId from, Solved&& news, Time now) {
  auto const step = decide(SolutionArrived{from, news.name, news.runtime}, now);
  if (!std::holds_alternative<SolutionAccepted>(step.facts.front())) return;
  ++report_.solved;
  patience_.lead(dispatcher_.lead(from));
  failures_.printed(news.name, news.diagnostics);
  desk_->accept(news.name, std::move(news.bytes));
  feed_->resolve(news.name.job);
  if (auto const limit = time_limit_.solved(news.runtime)) exchange_.tell_all(Limit{setting_.run, limit});
}

void MainNode::take_news(NodeId from, Failed&& news, Time now) {
  auto const step = decide(FailureArrived{from, news.name}, now);
  desk_->drop_pieces(news.name);
  if (std::holds_alternative<RetryPlanned>(step.facts.front())) failures_.retried(from, news);
  if (auto const* const given_up = std::get_if<JobGivenUp>(&step.facts.front())) {
    desk_->skip(news.name.job);
    feed_->resolve(news.name.job);
    failures_.given_up(from, given_up->failures, std::move(news), report_);
  }
}

Step MainNode::decide(Event const& event, Time now) {
  auto step = dispatcher_.on(event, now);
  progress_.observe(event, step, now);
  for (auto const& action : step.actions) act(action);
  for (auto const& fact : step.facts) conclude(fact);
  return step;
}

void MainNode::act(Action const& action) {
  if (auto const* const assign = std::get_if<AssignJobs>(&action)) exchange_.assign(assign->node, assign->runs);
  if (auto const* const dismiss = std::get_if<DismissNode>(&action))
    exchange_.tell(dismiss->node, Dismiss{setting_.run});
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
