// Shard summary: shards that stay with their nodes are trained with as if they were together.
#include <string>
#include <string_view>

#include "ballast/core/error.hpp"
#include "ballast/learn/shard_summary.hpp"
#include "support/catch.hpp"
#include "support/learn_scene.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using namespace ballast::learn;
using namespace ballast::testing;

namespace {

Dataset shard(float label, std::size_t columns = 2) {
  return labelled({2, columns, std::vector<float>(2 * columns, label)}, std::vector<float>{label, 7});
}

/// What the Main Node makes of the summaries that were sent to it.
JoinedShards joined_over_the_wire(std::vector<Dataset> const& shards) {
  std::vector<ShardSummary> summaries;
  for (auto const& one : shards) summaries.push_back(decode_summary(encode(summary_of(one))));
  return joined(summaries);
}

}  // namespace

TEST_CASE("joined summaries know the classes, the sizes and the moments of all shards") {
  auto const all = joined_over_the_wire({shard(3), shard(1), shard(3)});
  CHECK(all.classes == std::vector<float>{1, 3, 7});
  CHECK(all.sizes == std::vector<double>{2, 2, 2});
  CHECK(all.moments.rows() == 6);
  CHECK(all.moments.normalisation(Scaling::each_feature).mean.front() == Approx(7.0 / 3));
  CHECK(all.digests[0] == all.digests[2]);
  CHECK(all.digests[0] != all.digests[1]);
}

TEST_CASE("shards of different columns are refused with their numbers") {
  CHECK(has(text_thrown_by([] {
              (void)joined_over_the_wire({shard(1), shard(1, 3)});
            }),
            "shard 1 has 3 features, shard 0 has 2"));
}

TEST_CASE("a shard is prepared with the terms of all, unless it has changed since") {
  auto const all = joined_over_the_wire({shard(3), shard(1)});
  auto const terms = decode_terms(encode(ShardTerms{{{1, 1}, {2, 2}}, all.classes, all.digests}));
  auto const ready = prepared(shard(3), terms, 0);
  CHECK(ready.labels == std::vector<std::uint32_t>{1, 2});
  CHECK(ready.features.values == std::vector<float>{1, 1, 1, 1});
  CHECK(has(text_thrown_by([&] { (void)prepared(shard(3), terms, 1); }), "shard 1 is another one"));
}

TEST_CASE("what was told of shards and is cut short, or longer, is refused") {
  auto const summary = encode(summary_of(shard(1)));
  auto const terms = encode(ShardTerms{{{1}, {1}}, {1, 2}, {3}});
  for (std::size_t size = 0; size < summary.size(); ++size)
    CHECK_THROWS_AS(decode_summary(std::string_view{summary}.substr(0, size)), EngineError);
  for (std::size_t size = 0; size < terms.size(); ++size)
    CHECK_THROWS_AS(decode_terms(std::string_view{terms}.substr(0, size)), EngineError);
  CHECK_THROWS_AS(decode_summary(summary + "x"), EngineError);
  CHECK_THROWS_AS(decode_terms(terms + "x"), EngineError);
}
