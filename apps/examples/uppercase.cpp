// The first example: split, solve, join. Try it alone, or with `mpirun -n 4 uppercase one two three`.
#include <ballast/ballast.hpp>
#include <iostream>
#include <locale>
#include <map>

struct Uppercase {
  using Job = std::string;
  using Solution = std::string;

  std::vector<std::string> words;
  std::size_t next{0};
  std::map<ballast::JobId, std::string> result{};

  std::optional<Job> split() {  // Main Node: the next job, or none
    if (next == words.size()) return {};
    return words[next++];
  }
  Solution solve(Job const& job) {  // computing node: your work
    Solution upper;
    for (char const letter : job) upper.push_back(std::toupper(letter, std::locale::classic()));
    return upper;
  }
  void join(ballast::JobId id, Solution&& solution) { result[id] = std::move(solution); }  // Main Node: once per job
};

int main(int argc, char** argv) {
  ballast::Session session{argc, argv};
  Uppercase problem{{argv + 1, argv + argc}};
  auto const report = session.run(problem, {.policy = "guided"});
  if (session.is_main())
    for (auto const& [id, word] : problem.result) std::cout << word << '\n';
  return report.exit_code();
}
