// Recordings keep every word of what was told and decided, and a replay that differs says where.
#include "schedule/script.hpp"

#include <set>

#include "ballast/core/error.hpp"
#include "schedule/replay.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

constexpr JobAttempt name{JobId{7}, Attempt{2}};

std::vector<Event> one_of_each() {
  return {NodeJoined{node_1, 4, {}},
          NodeJoined{node_2, 1, 0.1, {0, 3}},
          NodeLost{node_1},
          NodeLeft{node_1},
          CostsExpected{{1, 0.1, 1e-300, 12345678.9}},
          JobsResolved{},
          JobsResolved{{{JobId{3}, 5}, {JobId{20}, 1}}},
          JobsFound{UINT64_MAX},
          DatasetEnded{},
          AttemptStarted{node_1, name},
          SolutionArrived{node_1, name, std::chrono::nanoseconds{17}},
          FailureArrived{node_1, name},
          JobsReleased{node_1, {}},
          JobsReleased{node_1, {{JobId{3}, 5, Attempt{1}}, {JobId{20}, 1, Attempt{3}}}},
          MessageCostMeasured{std::chrono::microseconds{9}},
          AssignmentPaused{},
          AssignmentResumed{},
          DrainBegan{},
          TimePassed{}};
}

/// A dispatcher at work, and its script.
struct RecordingScene {
  ScriptHeader header{"guided", Rules{.retries = 1}};
  std::string script{line_of(header) + "\n"};
  Dispatcher dispatcher{header.policy, header.rules};
  Time now{};

  void play(Event const& event) {
    now += std::chrono::microseconds{1};
    auto const step = dispatcher.on(event, now);
    script += line_of(event, now) + "\n" + text_of(step);
  }

  RecordingScene() {
    for (auto const node : {node_1, node_2}) play(NodeJoined{node, 2, {}});
    play(JobsFound{20});
    play(DatasetEnded{});
    for (std::uint64_t job = 0; job < 20; ++job)
      for (auto const node : {node_1, node_2}) {
        JobAttempt const attempt{JobId{job}, Attempt{1}};
        if (dispatcher.ledger().holds(node, attempt) && job != 3)
          play(SolutionArrived{node, attempt, std::chrono::milliseconds{10}});
        else if (dispatcher.ledger().holds(node, attempt))
          play(FailureArrived{node, attempt});
      }
    for (auto const node : {node_1, node_2})
      if (JobAttempt const again{JobId{3}, Attempt{2}}; dispatcher.ledger().holds(node, again))
        play(FailureArrived{node, again});
    script += "end\n";
  }
};

std::vector<ScriptEntry> entries_of(std::string_view script) {
  std::vector<ScriptEntry> entries;
  ScriptReader reader;
  script.remove_prefix(script.find('\n') + 1);
  for (; !script.empty(); script.remove_prefix(script.find('\n') + 1))
    if (auto entry = reader.take(script.substr(0, script.find('\n')))) entries.push_back(std::move(*entry));
  CHECK(reader.ended());
  return entries;
}

void replace(std::string& text, std::string const& from, std::string const& to) {
  REQUIRE(text.find(from) != std::string::npos);
  text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("every kind of event comes back from its line, at its time") {
  std::set<std::size_t> kinds;
  for (auto const& event : one_of_each()) {
    auto const line = line_of(event, Time{std::chrono::nanoseconds{2153000}});
    INFO(line);
    auto const parsed = parse_event(line);
    CHECK(parsed.at == Time{std::chrono::nanoseconds{2153000}});
    CHECK(parsed.event.index() == event.index());
    CHECK(line_of(parsed.event, parsed.at) == line);
    kinds.insert(event.index());
  }
  CHECK(kinds.size() == std::variant_size_v<Event>);
}

TEST_CASE("numbers survive their line to the last bit") {
  auto const costs = std::get<CostsExpected>(parse_event(line_of(one_of_each()[4], Time{})).event);
  CHECK(costs.costs == std::vector<double>{1, 0.1, 1e-300, 12345678.9});
  auto const released = std::get<JobsReleased>(parse_event(line_of(one_of_each()[13], Time{})).event);
  CHECK(released.runs == JobRuns{{JobId{3}, 5, Attempt{1}}, {JobId{20}, 1, Attempt{3}}});
  auto const resolved = std::get<JobsResolved>(parse_event(line_of(one_of_each()[6], Time{})).event);
  CHECK(resolved.spans == std::vector<JobSpan>{{JobId{3}, 5}, {JobId{20}, 1}});
  CHECK(std::get<NodeJoined>(parse_event("0 joined 2 1 0.1 0,3").event).weight == 0.1);
}

TEST_CASE("a header says again how the dispatcher was made") {
  for (auto const& rules : {Rules{}, Rules{0, 5, 7, Speculation::off, std::chrono::hours{2}, {}, 12}}) {
    ScriptHeader const header{"fixed:size=3,other=x y", rules};
    auto const parsed = parse_header(line_of(header));
    CHECK(parsed.policy == header.policy);
    CHECK(parsed.rules.prefetch == rules.prefetch);
    CHECK(parsed.rules.end == rules.end);
    CHECK(parsed.rules.shards == rules.shards);
    CHECK(line_of(parsed) == line_of(header));
  }
}

TEST_CASE("lines that make no sense are refused") {
  for (auto const* const line :
       {"", "12", "x joined 1 1 -", "12 joined", "12 joined 1 1", "12 joined 1 1 -", "12 joined 1 1 - 5 6", "12 gone 1",
        "12 solved 1 7 100", "12 solved 1 7.1 1x", "12 released 1 3+5", "12 released 1 3.1", "12 found -3",
        "12 resolved 3", "12 drain 1", "12 costs 1,2"})
    CHECK_THROWS_AS(parse_event(line), InputOutputError);
  for (auto const* const line : {"", "ballast decisions 1, retries 2", "ballast decisions 3, retries 2, prefetch x,"})
    CHECK_THROWS_AS(parse_header(line), InputOutputError);
  ScriptReader reader;
  CHECK_THROWS_AS(reader.take("  assign 1 0+1.1 again"), InputOutputError);
}

TEST_CASE("no two decisions have the same text") {
  JobRuns const runs{{JobId{0}, 3, Attempt{1}}};
  std::vector<Step> steps{{{SolutionAccepted{node_1, name}}, {}},
                          {{NewsDropped{node_1, name}}, {}},
                          {{RetryPlanned{node_1, name}}, {}},
                          {{JobGivenUp{node_1, name, 3, 0}}, {}},
                          {{JobGivenUp{node_1, name, 0, 3}}, {}},
                          {{RunFinished{Duration{9}}}, {}},
                          {{RunStranded{9}}, {}},
                          {{RunDrained{9}}, {}},
                          {{}, {RecallJobs{node_1, 3}}},
                          {{}, {CancelJob{node_1, name}}},
                          {{}, {DismissNode{node_1}}},
                          {{}, {}}};
  for (Reason const& reason : {Reason{NextChunk{341, 1, 2}}, Reason{AnotherTry{}}, Reason{Moved{}}, Reason{PutAside{}},
                               Reason{SecondCopy{node_2}}, Reason{SecondCopy{node_3}}})
    steps.push_back({{}, {AssignJobs{node_1, runs, reason}}});
  std::set<std::string> texts;
  for (auto const& step : steps) texts.insert(text_of(step));
  CHECK(texts.size() == steps.size());
}

TEST_CASE("a dispatcher that is told the same decides the same") {
  RecordingScene const scene;
  Replay replay{parse_header(scene.script.substr(0, scene.script.find('\n')))};
  for (auto const& entry : entries_of(scene.script)) static_cast<void>(replay.play(entry));
  CHECK_FALSE(replay.difference());
  CHECK(replay.events() == 4 + 20 + 1);
}

TEST_CASE("a replay that differs says at which event, and how") {
  RecordingScene scene;
  replace(scene.script, "  accepted 1 0.1\n", "  accepted 2 0.1\n");
  Replay replay{scene.header};
  for (auto const& entry : entries_of(scene.script)) static_cast<void>(replay.play(entry));
  REQUIRE(replay.difference());
  CHECK(replay.difference()->event == 5);
  CHECK(replay.difference()->told == "5000 solved 1 0.1 10000000");
  CHECK_THAT(replay.difference()->expected, Catch::Contains("  accepted 2 0.1\n"));
  CHECK_THAT(replay.difference()->got, Catch::Contains("  accepted 1 0.1\n"));
}

TEST_CASE("an event whose step may have been cut is not told") {
  ScriptReader reader;
  CHECK_FALSE(reader.take("0 joined 1 2 -"));
  auto const whole = reader.take("5 found 3");
  REQUIRE(whole);
  CHECK(whole->step.empty());
  CHECK_FALSE(reader.take("  assign 1 0+2.1 next 3 0 4"));
  CHECK_FALSE(reader.ended());
  auto const last = reader.take("end");
  REQUIRE(last);
  CHECK(last->step == "  assign 1 0+2.1 next 3 0 4\n");
  CHECK(reader.ended());
}

TEST_CASE("decisions are explained with their reasons, and news that moves no job is not") {
  Replay const replay{{"guided", {}}};
  Time const at{std::chrono::microseconds{2153}};
  auto const words = [&](Step const& step) {
    auto const lines = replay.explain(step, at);
    return lines.empty() ? std::string{} : lines.front();
  };
  CHECK(words({{}, {AssignJobs{node_3, {{JobId{17}, 12, Attempt{1}}}, NextChunk{341, 1, 2}}}}) ==
        "0.002153 s  node 3 gets jobs 17-28: next 12 of 341 unassigned by guided; it held 1 of 2");
  CHECK(words({{}, {AssignJobs{node_3, {{JobId{17}, 1, Attempt{2}}}, SecondCopy{node_1}}}}) ==
        "0.002153 s  node 3 gets job 17 (attempt 2): a second copy of what node 1 is busy with");
  CHECK(words({{RetryPlanned{node_1, name}}, {}}) ==
        "0.002153 s  job 7 will be tried again: attempt 2 failed on node 1");
  CHECK(words({{}, {CancelJob{node_1, name}}}) ==
        "0.002153 s  node 1 need not go on with job 7 (attempt 2): another copy was first");
  CHECK(words({{JobGivenUp{node_1, name, 1, 3}}, {}}) ==
        "0.002153 s  job 7 is given up: 1 attempt failed and 3 nodes were lost, the last was node 1");
  CHECK(words({{JobGivenUp{node_1, name, 2, 0}}, {}}) ==
        "0.002153 s  job 7 is given up: 2 attempts failed, the last on node 1");
  CHECK(words({{RunDrained{2}}, {}}) == "0.002153 s  the run ends early: 2 jobs are left");
  CHECK(words({{SolutionAccepted{node_1, name}, NewsDropped{node_1, name}}, {}}).empty());
}

}  // namespace ballast
