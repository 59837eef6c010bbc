// What is known of a run is what its records come to.
#include "journal/history.hpp"

#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/journal_scene.hpp"

using namespace ballast;
using testing::abandoned;
using testing::apart;
using testing::kept;
using State = History::State;

TEST_CASE("jobs are open until they are solved or abandoned, and are counted") {
  History history;
  CHECK(history.state(JobId{0}) == State::open);
  for (auto const& record : std::vector<Record>{RunDescribed{"it", "1"}, RunStarted{1}, kept(4), kept(5), abandoned(1),
                                                apart(6, "x"), RunStarted{2}}) {
    history.take(record);
  }
  CHECK(history.state(JobId{4}) == State::solved);
  CHECK(history.state(JobId{6}) == State::solved);
  CHECK(history.state(JobId{1}) == State::abandoned);
  CHECK(history.state(JobId{2}) == State::open);
  CHECK((history.solved() == 3 && history.abandoned() == 1 && history.starts() == 2));
  CHECK(history.described().value().identity == "it");
  CHECK(history.resolved() == std::vector<JobSpan>{{JobId{1}, 1}, {JobId{4}, 3}});
}

TEST_CASE("a revived job is open again, whether it had been abandoned or its solution was lost") {
  History history;
  for (auto const& record : std::vector<Record>{abandoned(1), kept(2), JobRevived{JobId{1}}, JobRevived{JobId{2}}}) {
    history.take(record);
  }
  CHECK((history.solved() == 0 && history.abandoned() == 0 && history.resolved().empty()));
  history.take(kept(1));
  history.take(abandoned(2));
  CHECK(history.state(JobId{1}) == State::solved);
}

TEST_CASE("a journal that contradicts itself is an error") {
  for (auto const& wrong : std::vector<Record>{kept(1), kept(2), apart(1, ""), abandoned(1), abandoned(2),
                                               JobRevived{JobId{3}}, RunDescribed{}}) {
    History history;
    for (auto const& record : std::vector<Record>{RunDescribed{}, kept(1), abandoned(2)}) history.take(record);
    CHECK_THROWS_AS(history.take(wrong), InputOutputError);
    CHECK((history.solved() == 1 && history.abandoned() == 1));
  }
}
