// Take what arrived, decide, act, tell; sleep when there is nothing to take.
#include "runtime/main_node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ballast/core/digest.hpp"
#include "ballast/core/terminal.hpp"
#include "core/descriptor.hpp"

namespace ballast {
namespace {

constexpr int most_mail_per_turn = 64;

Rules rules_of(RunOptions const& options, std::uint32_t shards) {
  return {options.retries,
          options.prefetch,
          options.max_jobs_per_node.value_or(UINT64_MAX),
          options.speculation,
          options.run_limit,
          options.delay,
          shards};
}

template <class Kind>
Kind const* find_fact(Step const& step) {
  for (auto const& fact : step.facts)
    if (auto const* const found = std::get_if<Kind>(&fact)) return found;
  return nullptr;
}

/// As the session's runs before have left it.
Placement placement_of(MainSetting const& setting) {
  auto nodes = setting.nodes;
  nodes.insert(nodes.end(), setting.lost.begin(), setting.lost.end());
  Placement placement{setting.sharding.count, setting.sharding.owners, nodes};
  for (auto const node : setting.lost) static_cast<void>(placement.lose(node));
  return placement;
}

ProgressLook look_of(RunOptions const& options) {
  if (options.progress == ProgressStyle::never || options.verbosity == Verbosity::quiet) return ProgressLook::none;
  return is_terminal(Stream::error) ? ProgressLook::bar : ProgressLook::lines;
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
      dispatcher_{options.policy, rules_of(options, setting_.sharding.count)},
      placement_{placement_of(setting_)},
      leases_{setting_.lease},
      beginning_{setting_.lease * leases_to_begin},
      progress_{console, look_of(options)},
      patience_{setting_.spin},
      time_limit_{options.time_limit},
      failures_{console, options.verbosity} {}

RunReport MainNode::run(Problem& problem) {
  try {
    prepare(problem);
    work();
    finish();
    failures_.sum_up(report_);
  } catch (ReaderGone const& gone) {
    report_.outcome = gone.exit_code();
  } catch (Error const& error) {
    console_.say(error.what());
    report_.outcome = error.exit_code();
    keep_what_is_done();
  } catch (std::exception const& error) {
    fail(error.what());
  } catch (...) {
    fail("something that is not a std::exception was thrown");
  }
  if (recorder_) recorder_->close();
  report_.messages = exchange_.messages();
  report_.bytes_sent = exchange_.bytes_sent();
  report_.bytes_received = exchange_.bytes_received();
  return report_;
}

void MainNode::prepare(Problem& problem) {
  problem_ = &problem;
  failures_.count_from(problem.first_number());
  auto const began = Clock::now();
  if (!options_.record.empty())
    recorder_.emplace(options_.record, ScriptHeader{options_.policy, rules_of(options_, setting_.sharding.count)},
                      console_);
  if (!options_.run_dir.empty())
    directory_.emplace(options_.run_dir, options_.resume, problem.identity(), problem.first_number());
  offer(problem.state());
  auto splitter = split(problem);
  auto joiner = problem.join();
  call_the_roll();
  auto const notice = setting_.launcher == Launcher::mpirun ? Notice::a_moment : Notice::full;
  stopping_.emplace(interruption_, options_, notice, began);
  expect_costs(problem);
  ResolvedJobs resolved;
  if (directory_) {
    if (std::holds_alternative<std::unique_ptr<StreamSplitter>>(splitter)) resolved.inputs = directory_->inputs();
    resolved.contains = [this](JobId job) { return directory_->history().state(job) != History::State::open; };
  }
  auto const skipped = problem.skipped();
  // From here on there are threads; with one rank, its solvers have been forked by now.
  auto const ahead = dispatcher_.needs_total() ? ReadAhead::all : ReadAhead::bounded;
  feed_ = make_job_feed(std::move(splitter), ahead, report_.solvers, std::move(resolved));
  desk_ = std::make_unique<JoinDesk>(std::move(joiner));
  delivery_ = directory_ ? make_durable_delivery(*directory_, *desk_) : make_direct_delivery(*desk_);
  leave_out(skipped);
  // What an earlier start has written is durable by now, as the delivery has the journal.
  if (directory_) resume();
}

void MainNode::offer(std::vector<std::shared_ptr<Payload const>> state) {
  state_ = std::move(state);
  state_parts_ = setting_.names.of(state_);
  if (setting_.kept == nullptr) return;
  for (std::size_t part = 0; part < state_.size(); ++part) setting_.kept->keep(state_parts_[part], state_[part]);
}

// Standard input may be read to its end first, and its writer may take its time.
Splitter MainNode::split(Problem& problem) const {
  GiveUpReading const when_told_to_end{[] { return Interruption::told_to_end(); }};
  try {
    return problem.split();
  } catch (InputOutputError const&) {
    check_interruption();
    throw;
  }
}

void MainNode::fail(std::string_view why) {
  keep_what_is_done();
  console_.say(fmt::format("the run cannot go on ({}); look at what split and join do", why));
  report_.outcome = ExitCode::engine;
}

void MainNode::expect_costs(Problem& problem) {
  auto costs = problem.costs();
  if (!costs.empty()) static_cast<void>(decide(CostsExpected{std::move(costs)}, Clock::now()));
}

void MainNode::work() {
  for (auto now = Clock::now(); !desk_->closed() && !stopped(now); now = Clock::now()) {
    if (turn(now))
      patience_.arrived(now);
    else
      companion_.rest(nap(now));
  }
}

bool MainNode::turn(Time now) {
  auto const messages = exchange_.messages();
  bool busy = look_for_jobs(now);
  busy |= take_releases(now);
  busy |= take_mail(now);
  mind_stopping(now);  // before anything is sent that was decided meanwhile
  busy |= mind_alarm(now);
  busy |= delivery_->hand_on();
  auto const next = desk_->congested() || delivery_->congested() ? Outbox::NextJob::wait : Outbox::NextJob::load;
  busy |= exchange_.send(
      next, [this](JobId job) { return feed_->load(job); }, now);
  if (busy) measure_messages(now, exchange_.messages() - messages);
  busy |= companion_.step();
  if (all_resolved_ && !delivery_->empty()) delivery_->hurry();  // the last solution came after the end was known
  if (all_resolved_ && delivery_->empty()) desk_->finish();
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
  report_.jobs = found.jobs - std::min(found.jobs, skipped_);
  return more || found.ended;
}

bool MainNode::take_mail(Time now) {
  for (int count = 0; count < most_mail_per_turn; ++count) {
    auto arrival = exchange_.receive();
    if (!arrival) {
      mind_leases(now);
      return count > 0;
    }
    leases_.heard(arrival->from, now);
    take(std::move(*arrival), now);
  }
  return true;
}

void MainNode::take(Exchange::Arrival&& arrival, Time now) {
  auto const from = arrival.from;
  if (auto* const report = std::get_if<Report>(&arrival.message))
    take(from, std::move(*report), now);
  else if (auto const* const broken = std::get_if<Broken>(&arrival.message))
    take(from, *broken, now);
  else if (auto const* const ready = std::get_if<Ready>(&arrival.message))
    join(from, *ready, now);
  else if (auto const* const refused = std::get_if<Refused>(&arrival.message))
    let_go(from, *refused, now);
  else if (auto const* const needs = std::get_if<Needs>(&arrival.message))
    supply(from, *needs, now);
  else if (!std::holds_alternative<Released>(arrival.message) && !std::holds_alternative<Alive>(arrival.message))
    throw EngineError{fmt::format("rank {} answered what it was not asked", from.value()), "",
                      "please report this as a bug of Ballast"};
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
  part_with({from}, now);
}

void MainNode::take_news(NodeId from, Started const& news, Time now) {
  static_cast<void>(decide(AttemptStarted{from, news.name}, now));
}

void MainNode::take_news(NodeId from, Piece const& news, Time) {
  if (dispatcher_.ledger().holds(from, news.name)) delivery_->add_piece(news.name, news.bytes);
}

void MainNode::take_news(NodeId from, Solved&& news, Time now) {
  auto const step = decide(SolutionArrived{from, news.name, news.runtime}, now);
  if (find_fact<SolutionAccepted>(step) == nullptr) return delivery_->drop_pieces(news.name);
  ++report_.solved;
  report_.working += news.runtime;
  patience_.lead(dispatcher_.lead(from));
  failures_.printed(news.name, news.diagnostics);
  problem_->ended({news.name, from, host_of(from), news.runtime, news.account, news.diagnostics, nullptr});
  auto const [job, runtime] = std::pair{news.name.job, news.runtime};
  delivery_->accept(std::move(news));
  feed_->resolve(job);
  if (auto const limit = time_limit_.solved(runtime)) limit_attempts(limit);
}

std::string_view MainNode::host_of(NodeId node) const {
  auto const host = hosts_.find(node);
  return host == hosts_.end() ? std::string_view{} : host->second;
}

void MainNode::limit_attempts(std::optional<Duration> limit) {
  attempt_limit_ = limit;
  if (limit) exchange_.tell_all(Limit{setting_.run, limit});
}

void MainNode::take_news(NodeId from, Failed&& news, Time now) {
  auto const step = decide(FailureArrived{from, news.name}, now);
  auto const* const given_up = find_fact<JobGivenUp>(step);
  if (given_up == nullptr || !news.remains) delivery_->drop_pieces(news.name);
  if (find_fact<RetryPlanned>(step) != nullptr) failures_.retried(from, news);
  if (given_up != nullptr) give_up(*given_up, std::move(news));
}

void MainNode::give_up(JobGivenUp const& fact, Failed&& last) {
  auto const job = last.name.job;
  auto const payload = feed_->load(job);
  auto const by_hand = problem_->by_hand(payload);
  if (directory_) directory_->keep_failed(last, fact.failures + fact.losses, payload, by_hand);
  problem_->ended(
      {last.name, fact.node, host_of(fact.node), last.runtime, last.account, last.failure.diagnostics, &last.failure});
  delivery_->give_up(last, digest_of(payload), fact.failures);
  feed_->resolve(job);
  failures_.given_up(fact.node, fact.failures + fact.losses, std::move(last),
                     by_hand.input == ByHand::Input::none ? by_hand.command : std::string_view{}, report_);
}

Step MainNode::decide(Event const& event, Time now) {
  auto step = dispatcher_.on(event, now);
  progress_.observe(event, step, now);
  if (recorder_) recorder_->observe(event, step, now);
  for (auto const& action : step.actions) std::visit([this](auto const& chosen) { act(chosen); }, action);
  for (auto const& fact : step.facts) conclude(fact);
  if (!dismissed_.empty()) move_shards(std::exchange(dismissed_, {}), now);
  return step;
}

void MainNode::act(AssignJobs const& action) { exchange_.assign(action.node, action.runs); }

void MainNode::act(RecallJobs const& action) { exchange_.recall(action.node, action.count); }

void MainNode::act(CancelJob const& action) {
  exchange_.cancel(action.node, action.name);
  delivery_->drop_pieces(action.name);
}

void MainNode::act(DismissNode const& action) {
  exchange_.tell(action.node, Dismiss{setting_.run});
  dismissed_.push_back(action.node);
}

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
  if (std::holds_alternative<RunDrained>(fact)) drained_ = true;
  if (std::holds_alternative<RunStranded>(fact)) stranded_ = true;  // what has come with it is still to be kept
}

void MainNode::wait_for_mail(Time now) {
  auto const sent = exchange_.send(Outbox::NextJob::wait, {}, now);
  if (sent) patience_.arrived(now);
  if (!companion_.step() && !sent) companion_.rest(patience_.nap(now));
}

Tally MainNode::tally() const {
  auto const jobs = found_.ended ? std::optional{report_.jobs} : std::nullopt;
  return {jobs, report_.solved, report_.given_up_count};
}

bool MainNode::at_rest() {
  bool const joined = !desk_ || desk_->stop();
  bool const split = !feed_ || feed_->stop();
  return joined && split;
}

}  // namespace ballast
