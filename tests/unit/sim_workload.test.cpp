// What is drawn has the mean that was asked for, and is the same for everybody who asks again.
#include "ballast/core/error.hpp"
#include "ballast/sim/workload.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using std::chrono::milliseconds;
using testing::has;
using testing::text_thrown_by;

constexpr std::string_view log_header = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

double mean_ms(JobCosts const& costs) {
  double sum = 0;
  for (auto const cost : costs) sum += static_cast<double>(cost.count());
  return sum / static_cast<double>(costs.size()) / 1e6;
}

Time at(double seconds) { return Time{Duration{static_cast<Duration::rep>(seconds * 1e9)}}; }

}  // namespace

TEST_CASE("costs have the mean that was asked for") {
  for (auto const* const shape :
       {"constant:", "uniform:", "uniform:spread=0.3,", "exponential:", "lognormal:", "lognormal:sigma=0.5,",
        "bimodal:", "bimodal:ratio=100,share=0.02,", "rising:", "falling:"}) {
    auto const choice = std::string{shape} + "mean=20ms";
    INFO(choice);
    CHECK(mean_ms(draw_costs(choice, 400'000, 5)) == Approx(20).epsilon(0.03));
  }
  CHECK(mean_ms(draw_costs("constant", 10, 0)) == Approx(10));
}

TEST_CASE("the same seed draws the same costs, another seed others") {
  for (auto const* const shape : {"uniform", "exponential", "lognormal", "bimodal:share=0.5"}) {
    INFO(shape);
    CHECK(draw_costs(shape, 1000, 1) == draw_costs(shape, 1000, 1));
    CHECK(draw_costs(shape, 1000, 1) != draw_costs(shape, 1000, 2));
  }
}

TEST_CASE("a job's cost does not depend on how many jobs there are") {
  auto const few = draw_costs("lognormal", 10, 3);
  auto const many = draw_costs("lognormal", 1000, 3);
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
}

TEST_CASE("uniform costs stay within their spread, bimodal ones have two values") {
  for (auto const cost : draw_costs("uniform:mean=10ms,spread=0.2", 10'000, 0)) {
    REQUIRE(cost >= milliseconds{8});
    REQUIRE(cost <= milliseconds{12});
  }
  auto costs = draw_costs("bimodal:mean=10ms,ratio=4,share=0.25", 10'000, 0);
  std::sort(costs.begin(), costs.end());
  auto const end = std::unique(costs.begin(), costs.end());
  REQUIRE(end - costs.begin() == 2);
  CHECK(static_cast<double>(costs[1].count()) == Approx(4.0 * static_cast<double>(costs[0].count())).epsilon(1e-6));
}

TEST_CASE("rising costs rise and falling ones are their mirror") {
  auto rising = draw_costs("rising:mean=1s", 4, 0);
  CHECK(rising == JobCosts{milliseconds{250}, milliseconds{750}, milliseconds{1250}, milliseconds{1750}});
  std::reverse(rising.begin(), rising.end());
  CHECK(draw_costs("falling:mean=1s", 4, 0) == rising);
}

TEST_CASE("a distribution that is not known or makes no sense is refused by name") {
  for (auto const* const choice :
       {"pareto", "lognormal:mu=3", "uniform:spread=2", "bimodal:share=2", "constant:mean=ten", "lognormal:sigma=-1"}) {
    INFO(choice);
    CHECK_THROWS_AS(draw_costs(choice, 10, 0), UsageError);
  }
  for (auto const* const choice : {"fast", "two:share=3", "slow:factor=0.5", "drift:period=0", "equal:factor=2"}) {
    INFO(choice);
    CHECK_THROWS_AS((Speeds{choice, 4}), UsageError);
  }
}

TEST_CASE("speeds are those of the classes that were asked for") {
  Speeds const two{"two:ratio=4,share=0.25", 8};
  CHECK(two.at(1, {}) == 0.25);
  CHECK(two.at(2, {}) == 1);
  Speeds const slow{"slow:factor=5,nodes=3", 8};
  CHECK(slow.mean(2) == 0.2);
  CHECK(slow.mean(3) == 1);
  CHECK(Speeds{"slow:factor=5,nodes=8", 8}.fastest() == 0.2);
}

TEST_CASE("drifting speeds swing between one and one over the factor, around their mean") {
  Speeds const drift{"drift:factor=4,period=8s", 4};
  CHECK(drift.at(0, at(2)) == Approx(1));
  CHECK(drift.at(0, at(6)) == Approx(0.25));
  CHECK(drift.at(0, at(0)) == Approx(drift.mean(0)));
  CHECK(drift.at(1, at(0)) == Approx(1));
}

TEST_CASE("the ideal is bounded by all work together and by the longest job") {
  CHECK(ideal_makespan({JobCosts(100, milliseconds{10}), {"equal", 4}, 5}) == milliseconds{50});
  CHECK(ideal_makespan({{milliseconds{100}, milliseconds{1}}, {"equal", 4}, 1}) == milliseconds{100});
  CHECK(ideal_makespan({JobCosts(100, milliseconds{10}), {"slow:factor=2,nodes=2", 4}}) == Duration{333'333'333});
  CHECK(ideal_makespan({{milliseconds{100}}, {"slow:factor=2,nodes=4", 4}}) == milliseconds{200});
  CHECK(ideal_makespan({{}, {"equal", 4}}) == Duration{0});
}

TEST_CASE("a job log gives run times in the order of Seq, the last one where a job is there twice") {
  testing::TemporaryFolder const folder;
  auto const path =
      folder.file("log", std::string{log_header} + "2\t:\t1700000000.000\t     0.250\t0\t4\t0\t0\techo b\n" +
                             "1\t:\t1700000000.000\t     1.500\t0\t4\t1\t0\techo a\n" +
                             "1\t:\t1700000009.000\t     0.125\t0\t4\t0\t0\techo a\n");
  CHECK(read_job_log(path) == JobCosts{milliseconds{125}, milliseconds{250}});
}

TEST_CASE("a job log that is not one is refused with the number of the line") {
  testing::TemporaryFolder const folder;
  auto const refusal = [&](std::string const& bytes) {
    auto const path = folder.file("log", bytes);
    CHECK_THROWS_AS(read_job_log(path), InputOutputError);
    return text_thrown_by([&] { static_cast<void>(read_job_log(path)); });
  };
  CHECK(has(refusal("1\t:\t1.0\t2.0\n"), "line 1 "));
  CHECK(has(refusal(std::string{log_header} + "1\t:\t1.0\t2.0\n2\t:\n"), "line 3 "));
  CHECK(has(refusal(std::string{log_header} + "1\t:\t1.0\tlong\n"), "`long`"));
  CHECK(has(refusal(std::string{log_header} + "1\t:\t1.0\t-2.0\n"), "`-2.0`"));
  CHECK(has(refusal(std::string{log_header} + "one\t:\t1.0\t2.0\n"), "`one`"));
  CHECK(has(refusal(std::string{log_header}), "names no job"));
  CHECK(has(refusal(""), "names no job"));
  CHECK_THROWS_AS(read_job_log((folder / "absent").string()), InputOutputError);
  CHECK_THROWS_AS(read_job_log(folder.path().string()), InputOutputError);
}

}  // namespace ballast
