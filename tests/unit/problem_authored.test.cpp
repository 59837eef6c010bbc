// An author's three verbs, driven as the engine drives a Problem.
#include <boost/serialization/vector.hpp>

#include "ballast/problem/authored.hpp"
#include "support/catch.hpp"

using namespace ballast;

namespace {

struct Squares {
  using Job = std::vector<int>;
  using Solution = std::vector<long>;

  int left = 2;
  std::vector<std::pair<JobId, Solution>> joined;

  std::optional<Job> split() { return left > 0 ? std::optional{Job{left--, 10}} : std::nullopt; }
  Solution solve(Job const& job) { return {long{job[0]} * job[0], long{job[1]} * job[1]}; }
  void join(JobId id, Solution&& solution) { joined.emplace_back(id, std::move(solution)); }
};

struct Attentive {
  using Job = std::string;
  using Solution = std::string;
  static constexpr auto order = JoinOrder::dataset;

  std::optional<Job> split() { return std::nullopt; }
  Solution solve(Job const& job, AttemptContext const& context) {
    return job + std::to_string(context.name.attempt.value());
  }
  void join(JobId, Solution&&) {}
  [[nodiscard]] std::string identity() const { return "attentive of words.txt"; }
};

struct NoJoin {
  using Job = int;
  using Solution = int;
  std::optional<Job> split() { return 1; }
  Solution solve(Job const& job) { return job; }
};

static_assert(Author<Squares> && Author<Attentive> && !Author<NoJoin>);

struct Collected final : SolutionSink {
  Payload bytes;
  void write(std::string_view piece) override { bytes.append(piece); }
  void diagnose(std::string_view) override {}
  void account(Account const&) override {}
};

Payload solve(Problem& problem, std::string_view job, AttemptContext const& context = {}) {
  Collected sink;
  problem.solve(context, job, sink);
  return sink.bytes;
}

}  // namespace

TEST_CASE("an author's jobs are split, solved and joined, a solution in pieces too") {
  Squares author;
  AuthoredProblem problem{author};
  auto splitter = problem.split();
  auto joiner = problem.join();
  auto& stream = *std::get<std::unique_ptr<StreamSplitter>>(splitter);
  for (std::uint64_t id = 0; auto const job = stream.next(); ++id) {
    for (char const byte : solve(problem, *job)) joiner->write(JobId{id}, {&byte, 1});
    joiner->finish(JobId{id});
  }
  joiner->close();
  REQUIRE(author.joined.size() == 2);
  CHECK(author.joined[0] == std::pair{JobId{0}, std::vector<long>{4, 100}});
  CHECK(author.joined[1] == std::pair{JobId{1}, std::vector<long>{1, 100}});
  CHECK_FALSE(stream.next());
}

TEST_CASE("an author who asks for nothing gets solutions as they arrive") {
  Squares author;
  CHECK(AuthoredProblem{author}.join()->order() == JoinOrder::arrival);
  CHECK_FALSE(AuthoredProblem{author}.identity().empty());
}

TEST_CASE("an author may ask for dataset order, the attempt and an identity") {
  Attentive author;
  AuthoredProblem problem{author};
  CHECK(problem.join()->order() == JoinOrder::dataset);
  CHECK(problem.identity() == "attentive of words.txt");
  CHECK(solve(problem, "try ", {{JobId{0}, Attempt{3}}, {}, {}}) == "try 3");
}
