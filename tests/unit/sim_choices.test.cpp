// What users write behind --policies and --faults, taken apart.
#include "ballast/core/error.hpp"
#include "ballast/schedule/policy.hpp"
#include "ballast/sim/choices.hpp"
#include "ballast/sim/faults.hpp"
#include "support/catch.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a list of policies is split at its commas, in the order given") {
  CHECK(split_policies("self") == Names{"self"});
  CHECK(split_policies("self,auto,static") == Names{"self", "auto", "static"});
  CHECK(split_policies("self,fixed:h=1ms,sigma=1,auto") == Names{"self", "fixed:h=1ms,sigma=1", "auto"});
}

TEST_CASE("a parameter goes to the policy with parameters before it, not to the list") {
  // No policy here takes these: the refusal tells to whom they went.
  auto const refusal = [](std::string_view list) {
    return testing::text_thrown_by([&] { static_cast<void>(split_policies(list)); });
  };
  CHECK(testing::has(refusal("self,guided:a=1,b=2,auto"), "policy `guided` has no parameter `a`"));
  CHECK(testing::has(refusal("guided:a=1,a=2"), "`guided:a=1,a=2` is not understood"));
  CHECK(testing::has(refusal("guided,b=2"), "`b=2` belongs to no policy"));
  CHECK(testing::has(refusal("b=2"), "`b=2` belongs to no policy"));
}

TEST_CASE("all policies are all there are, each kind once") {
  auto const all = split_policies("all");
  CHECK(all.size() >= 5);
  CHECK(all.size() <= policies().size());
  CHECK(std::count(all.begin(), all.end(), "auto") == 1);
}

TEST_CASE("an empty piece or an unknown policy in the list is refused") {
  for (auto const* const list : {"", "self,", ",self", "self,,auto", "gided"}) {
    INFO(list);
    CHECK_THROWS_AS(split_policies(list), UsageError);
  }
}

TEST_CASE("faults name nodes to lose and a share of attempts to fail") {
  auto const faults = parse_faults("lost:3@2s,lost:5@250ms,failing:0.01");
  REQUIRE(faults.lost.size() == 2);
  CHECK(faults.lost[1].node == NodeId{5});
  CHECK(faults.lost[1].at == std::chrono::milliseconds{250});
  CHECK(faults.failing == 0.01);
  CHECK(parse_faults("").lost.empty());
}

TEST_CASE("a fault that is not understood is refused") {
  for (auto const* const text : {"lost", "lost:3", "lost:0@2s", "lost:x@2s", "lost:3@soon", "failing:2",
                                 "failing:", "failing:-1", "failing:nan", "flood:3", "lost:1@1s,,failing:0"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_faults(text), UsageError);
  }
}

}  // namespace ballast
