// Every kind of event is written and read side by side; of a step only the text is needed.
#include "schedule/script.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <utility>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::string_view header_begin = "ballast decisions 3, ";
constexpr std::string_view none = "-";

// --- writing ---

std::string text(JobAttempt name) { return fmt::format("{}.{}", name.job.value(), name.attempt.value()); }

std::string text(JobRuns const& runs) {
  if (runs.empty()) return std::string{none};
  std::string list;
  for (auto const& run : runs)
    fmt::format_to(std::back_inserter(list), "{}{}+{}.{}", list.empty() ? "" : ",", run.first.value(), run.count,
                   run.attempt.value());
  return list;
}

std::string text(std::vector<JobSpan> const& spans) {
  if (spans.empty()) return std::string{none};
  std::string list;
  for (auto const& span : spans)
    fmt::format_to(std::back_inserter(list), "{}{}+{}", list.empty() ? "" : ",", span.first.value(), span.count);
  return list;
}

struct WriteEvent {
  std::string operator()(NodeJoined const& e) const {
    auto const weight = e.weight ? fmt::format("{}", *e.weight) : std::string{none};
    auto const shards = e.shards.empty() ? std::string{none} : fmt::format("{}", fmt::join(e.shards, ","));
    return fmt::format("joined {} {} {} {}", e.node.value(), e.solvers, weight, shards);
  }
  std::string operator()(NodeLost const& e) const { return fmt::format("lost {}", e.node.value()); }
  std::string operator()(NodeLeft const& e) const { return fmt::format("left {}", e.node.value()); }
  std::string operator()(CostsExpected const& e) const {
    std::string line{"costs"};
    for (auto const cost : e.costs) fmt::format_to(std::back_inserter(line), " {}", cost);
    return line;
  }
  std::string operator()(JobsResolved const& e) const { return fmt::format("resolved {}", text(e.spans)); }
  std::string operator()(JobsFound const& e) const { return fmt::format("found {}", e.count); }
  std::string operator()(DatasetEnded const&) const { return "dataset-ended"; }
  std::string operator()(AttemptStarted const& e) const {
    return fmt::format("started {} {}", e.node.value(), text(e.name));
  }
  std::string operator()(SolutionArrived const& e) const {
    return fmt::format("solved {} {} {}", e.node.value(), text(e.name), e.runtime.count());
  }
  std::string operator()(FailureArrived const& e) const {
    return fmt::format("failed {} {}", e.node.value(), text(e.name));
  }
  std::string operator()(JobsReleased const& e) const {
    return fmt::format("released {} {}", e.node.value(), text(e.runs));
  }
  std::string operator()(MessageCostMeasured const& e) const { return fmt::format("message-cost {}", e.cost.count()); }
  std::string operator()(AssignmentPaused const&) const { return "paused"; }
  std::string operator()(AssignmentResumed const&) const { return "resumed"; }
  std::string operator()(DrainBegan const&) const { return "drain"; }
  std::string operator()(TimePassed const&) const { return "time-passed"; }
};

struct WriteReason {
  std::string operator()(NextChunk const& r) const {
    return fmt::format("next {} {} {}", r.unassigned, r.held, r.room);
  }
  std::string operator()(AnotherTry const&) const { return "again"; }
  std::string operator()(Moved const&) const { return "moved"; }
  std::string operator()(PutAside const&) const { return "aside"; }
  std::string operator()(SecondCopy const& r) const { return fmt::format("copy {}", r.of.value()); }
};

struct WriteDecision {
  std::string operator()(SolutionAccepted const& f) const { return about("accepted", f.node, f.name); }
  std::string operator()(NewsDropped const& f) const { return about("dropped", f.node, f.name); }
  std::string operator()(RetryPlanned const& f) const { return about("retry", f.node, f.name); }
  std::string operator()(JobGivenUp const& f) const {
    return fmt::format("{} {} {}", about("given-up", f.node, f.name), f.failures, f.losses);
  }
  std::string operator()(RunFinished const& f) const { return fmt::format("finished {}", f.makespan.count()); }
  std::string operator()(RunStranded const& f) const { return fmt::format("stranded {}", f.unresolved); }
  std::string operator()(RunDrained const& f) const { return fmt::format("drained {}", f.unresolved); }

  std::string operator()(AssignJobs const& a) const {
    return fmt::format("assign {} {} {}", a.node.value(), text(a.runs), std::visit(WriteReason{}, a.reason));
  }
  std::string operator()(RecallJobs const& a) const { return fmt::format("recall {} {}", a.node.value(), a.count); }
  std::string operator()(CancelJob const& a) const { return about("cancel", a.node, a.name); }
  std::string operator()(DismissNode const& a) const { return fmt::format("dismiss {}", a.node.value()); }

 private:
  static std::string about(std::string_view what, NodeId node, JobAttempt name) {
    return fmt::format("{} {} {}", what, node.value(), text(name));
  }
};

// --- reading ---

[[noreturn]] void refuse(std::string_view line, std::string_view why) {
  throw InputOutputError{fmt::format("a line of the recording makes no sense: `{}`", line.substr(0, 200)), why,
                         "replay a recording of this version of ballast, as it was written"};
}

/// The words of a line, taken one after the other.
class Words {
 public:
  explicit Words(std::string_view line) : line_{line}, rest_{line} {}

  std::string_view word(char end = ' ') {
    auto const size = rest_.find(end);
    auto const word = rest_.substr(0, size);
    rest_.remove_prefix(size == std::string_view::npos ? rest_.size() : size + 1);
    if (word.empty()) refuse(line_, "something is missing");
    return word;
  }
  template <class Number>
  Number number(char end = ' ') {
    return number_in<Number>(word(end));
  }
  template <class Number>
  Number number_in(std::string_view word) {
    Number value{};
    auto const* const end = word.data() + word.size();
    auto const [rest, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc{} || rest != end) refuse(line_, fmt::format("`{}` is not such a number", word));
    return value;
  }
  void skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) refuse(line_, fmt::format("it does not go on with `{}`", expected));
    rest_.remove_prefix(expected.size());
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void finish() const {
    if (!rest_.empty()) refuse(line_, "it is longer than its kind");
  }

  NodeId node() { return NodeId{number<std::uint32_t>()}; }
  Duration duration() { return Duration{number<Duration::rep>()}; }
  JobAttempt name() {
    JobId const job{number<std::uint64_t>('.')};
    return {job, Attempt{number<std::uint32_t>()}};
  }
  JobRuns runs() {
    auto const list = word();
    if (list == none) return {};
    JobRuns all;
    for (Words words{list}; !words.rest().empty();) {
      JobId const first{words.number<std::uint64_t>('+')};
      auto const count = words.number<std::uint64_t>('.');
      all.push_back({first, count, Attempt{words.number<std::uint32_t>(',')}});
    }
    return all;
  }
  std::vector<JobSpan> spans() {
    auto const list = word();
    if (list == none) return {};
    std::vector<JobSpan> all;
    for (Words words{list}; !words.rest().empty();) {
      JobId const first{words.number<std::uint64_t>('+')};
      all.push_back({first, words.number<std::uint64_t>(',')});
    }
    return all;
  }
  std::vector<std::uint32_t> shards() {
    auto const list = word();
    if (list == none) return {};
    std::vector<std::uint32_t> all;
    for (Words words{list}; !words.rest().empty();) all.push_back(words.number<std::uint32_t>(','));
    return all;
  }
  std::optional<double> weight() {
    auto const text = word();
    return text == none ? std::nullopt : std::optional{number_in<double>(text)};
  }

 private:
  std::string_view line_;
  std::string_view rest_;
};

Event read_costs(Words& words) {
  CostsExpected event;
  while (!words.rest().empty()) event.costs.push_back(words.number<double>());
  return event;
}

struct EventKind {
  std::string_view name;
  Event (*read)(Words&);
};

// In braces the words are taken from left to right.
constexpr EventKind event_kinds[] = {
    {"joined",
     [](Words& w) -> Event {
       return NodeJoined{w.node(), w.number<std::uint32_t>(), w.weight(), w.shards()};
     }},
    {"lost", [](Words& w) -> Event { return NodeLost{w.node()}; }},
    {"left", [](Words& w) -> Event { return NodeLeft{w.node()}; }},
    {"costs", read_costs},
    {"resolved", [](Words& w) -> Event { return JobsResolved{w.spans()}; }},
    {"found", [](Words& w) -> Event { return JobsFound{w.number<std::uint64_t>()}; }},
    {"dataset-ended", [](Words&) -> Event { return DatasetEnded{}; }},
    {"started",
     [](Words& w) -> Event {
       return AttemptStarted{w.node(), w.name()};
     }},
    {"solved",
     [](Words& w) -> Event {
       return SolutionArrived{w.node(), w.name(), w.duration()};
     }},
    {"failed",
     [](Words& w) -> Event {
       return FailureArrived{w.node(), w.name()};
     }},
    {"released",
     [](Words& w) -> Event {
       return JobsReleased{w.node(), w.runs()};
     }},
    {"message-cost", [](Words& w) -> Event { return MessageCostMeasured{w.duration()}; }},
    {"paused", [](Words&) -> Event { return AssignmentPaused{}; }},
    {"resumed", [](Words&) -> Event { return AssignmentResumed{}; }},
    {"drain", [](Words&) -> Event { return DrainBegan{}; }},
    {"time-passed", [](Words&) -> Event { return TimePassed{}; }},
};

}  // namespace

std::string line_of(ScriptHeader const& header) {
  auto const& rules = header.rules;
  auto const quota = rules.max_jobs_per_node == UINT64_MAX ? "unlimited" : std::to_string(rules.max_jobs_per_node);
  return fmt::format("{}retries {}, prefetch {}, quota {}, speculation {}, end {}, delay {}, shards {}, policy {}",
                     header_begin, rules.retries, rules.prefetch ? std::to_string(*rules.prefetch) : "auto", quota,
                     rules.speculation == Speculation::on ? "on" : "off",
                     rules.end ? std::to_string(rules.end->count()) : std::string{none},
                     rules.delay ? std::to_string(rules.delay->count()) : std::string{none}, rules.shards,
                     header.policy);
}

std::string line_of(Event const& event, Time at) {
  return fmt::format("{} {}", at.time_since_epoch().count(), std::visit(WriteEvent{}, event));
}

std::string text_of(Step const& step) {
  std::string text;
  auto const add = [&](auto const& decision) {
    text.append("  ").append(std::visit(WriteDecision{}, decision)).append("\n");
  };
  for (auto const& fact : step.facts) add(fact);
  for (auto const& action : step.actions) add(action);
  return text;
}

ScriptHeader parse_header(std::string_view line) {
  Words words{line};
  words.skip(header_begin);
  ScriptHeader header;
  words.skip("retries ");
  header.rules.retries = words.number<std::uint32_t>(',');
  words.skip(" prefetch ");
  if (auto const jobs = words.word(','); jobs != "auto") header.rules.prefetch = words.number_in<std::uint32_t>(jobs);
  words.skip(" quota ");
  if (auto const jobs = words.word(','); jobs != "unlimited")
    header.rules.max_jobs_per_node = words.number_in<std::uint64_t>(jobs);
  words.skip(" speculation ");
  auto const speculation = words.word(',');
  if (speculation != "on" && speculation != "off") refuse(line, "speculation is on or off");
  header.rules.speculation = speculation == "on" ? Speculation::on : Speculation::off;
  words.skip(" end ");
  if (auto const end = words.word(','); end != none) header.rules.end = Duration{words.number_in<Duration::rep>(end)};
  words.skip(" delay ");
  if (auto const delay = words.word(','); delay != none)
    header.rules.delay = Duration{words.number_in<Duration::rep>(delay)};
  words.skip(" shards ");
  header.rules.shards = words.number<std::uint32_t>(',');
  if (header.rules.shards == 0) refuse(line, "there is at least one shard");
  words.skip(" policy ");
  header.policy = words.rest();
  return header;
}

TimedEvent parse_event(std::string_view line) {
  Words words{line};
  Time const at{words.duration()};
  auto const name = words.word();
  for (auto const& kind : event_kinds) {
    if (kind.name != name) continue;
    TimedEvent parsed{kind.read(words), at};
    words.finish();
    return parsed;
  }
  refuse(line, fmt::format("`{}` is no kind of event", name));
}

std::optional<ScriptEntry> ScriptReader::take(std::string_view line) {
  if (ended_) refuse(line, "it comes after the recording's end");
  if (line.starts_with(' ')) {
    if (!current_) refuse(line, "no event comes before it");
    current_->step.append(line).append("\n");
    return {};
  }
  if (line == script_end) {
    ended_ = true;
    return std::exchange(current_, {});
  }
  // A line that was cut makes no event, and shows no entry to be whole: only what follows tells that it was not the
  // last.
  auto [event, at] = parse_event(line);
  return std::exchange(current_, ScriptEntry{std::move(event), at, std::string{line}, {}});
}

}  // namespace ballast
