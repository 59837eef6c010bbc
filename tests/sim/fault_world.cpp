// Life after life, until one finishes; between them the disk is looked at.
#include "sim/fault_world.hpp"

#include <fmt/format.h>

#include <memory>

#include "sim/fault_main.hpp"
#include "support/memory_storage.hpp"

namespace ballast::testing {
namespace {

using namespace std::chrono_literals;

// More than any schedule needs.
constexpr Time end_of_time{100s};
constexpr int most_steps = 100'000;
constexpr std::uint32_t undisturbed = UINT32_MAX;  // a life without mishaps of its own

/// One life of the Main Node with its computing nodes.
class Life {
 public:
  Life(FaultSchedule const& schedule, std::uint32_t number, Start const& start, MemoryStorage& disk, FaultTruth& truth)
      : disk_{disk},
        nodes_{agenda_, schedule, number, start, truth, [this](Report const& report) { main_.hear(report); }},
        main_{agenda_,
              schedule,
              start,
              disk,
              truth,
              [this](NodeId node, std::uint32_t birth, Order const& order) { nodes_.obey(node, birth, order); }} {
    for (auto const& mishap : schedule.mishaps)
      std::visit([&](auto const& what) { plan(what, number, start); }, mishap);
  }

  /// Whether the run is finished.
  bool run() {
    main_.begin();
    for (int steps = 0; main_.end() == FaultMain::End::none && !died_; ++steps) {
      if (steps == most_steps || agenda_.now() > end_of_time) throw Broken{"the run stands still"};
      if (!agenda_.step()) throw Broken{"nothing happens any more"};
    }
    if (main_.end() == FaultMain::End::finished) main_.check_result();
    return main_.end() == FaultMain::End::finished;
  }

 private:
  template <class What>
  void plan(What const& what, std::uint32_t number, Start const& start) {
    if constexpr (requires { what.at; }) {
      if (what.life != number) return;
      if constexpr (requires { what.node; })
        if (what.node.value() > start.nodes) return;
      agenda_.at(Time{what.at}, [this, what] { happen(what); });
    }
  }
  void happen(NodeDies const& what) { nodes_.die(what.node, what.back_after); }
  void happen(NodeHangs const& what) { nodes_.hang(what.node, what.lasting); }
  void happen(MainStalls const& what) { main_.stall(what.lasting); }
  void happen(AllStall const& what) {
    main_.stall(what.lasting);
    nodes_.hang_all(what.lasting + 1ms);
  }
  void happen(MainDies const& what) {
    disk_.crash([&](std::uint64_t unsynced) { return unsynced * what.kept / 1000; });
    died_ = true;
  }
  void happen(DrainAsked const&) { main_.ask(DrainBegan{}); }
  void happen(PauseAsked const& what) {
    main_.ask(AssignmentPaused{});
    agenda_.after(what.lasting, [this] { main_.ask(AssignmentResumed{}); });
  }

  FaultAgenda agenda_;
  MemoryStorage& disk_;
  bool died_{false};
  FaultNodes nodes_;
  FaultMain main_;
};

/// What the outside world was told must be there, as it was told.
void check_journal(MemoryStorage const& disk, FaultTruth const& truth) {
  History history;
  read_journal(disk, [&](Record&& record) {
    history.take(record);
    if (auto const* const solution = std::get_if<SolutionKept>(&record))
      if (solution->bytes != solution_of(solution->name.job)) throw Broken{"a solution is not that of its job"};
  });
  for (auto const job : truth.joined)
    if (history.state(job) != History::State::solved)
      throw Broken{fmt::format("job {} was joined, and the journal has no solution of it", job.value())};
  for (auto const job : truth.given_up)
    if (history.state(job) != History::State::abandoned)
      throw Broken{fmt::format("job {} was named as given up, and the journal does not say so", job.value())};
}

void play_all(FaultSchedule const& schedule) {
  MemoryStorage disk;
  FaultTruth truth;
  for (std::uint32_t number = 0;; ++number) {
    auto const calm = number >= schedule.starts.size();
    if (number > schedule.starts.size()) throw Broken{"an undisturbed run does not finish"};
    auto const start = calm ? Start{} : schedule.starts[number];
    truth.begin_life();
    bool const finished = Life{schedule, calm ? undisturbed : number, start, disk, truth}.run();
    disk.restart();
    check_journal(disk, truth);
    if (finished) return;
  }
}

}  // namespace

std::optional<std::string> play(FaultSchedule const& schedule) {
  try {
    play_all(schedule);
    return {};
  } catch (std::exception const& wrong) {
    return wrong.what();
  }
}

}  // namespace ballast::testing
