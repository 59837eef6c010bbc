// Process list: who runs on this machine, as /proc tells it.
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace ballast::testing {

struct Process {
  pid_t id{};
  pid_t parent{};
  std::string name;
  char state{};
};

inline std::vector<Process> running_processes() {
  std::vector<Process> all;
  std::error_code ignored;
  for (auto const& entry : std::filesystem::directory_iterator{"/proc", ignored}) {
    std::ifstream file{entry.path() / "stat"};
    std::string line;
    if (!std::getline(file, line) || line.find('(') == std::string::npos) continue;
    auto const begin = line.find('(') + 1;
    auto const end = line.rfind(')');
    Process process{std::stoi(line), std::stoi(line.substr(end + 4)), line.substr(begin, end - begin), line[end + 2]};
    if (process.state != 'Z' && process.state != 'X') all.push_back(process);
  }
  return all;
}

/// Children, grandchildren and so on.
inline std::vector<Process> descendants_of(pid_t ancestor) {
  std::multimap<pid_t, Process> by_parent;
  for (auto const& process : running_processes()) by_parent.emplace(process.parent, process);
  std::vector<Process> found;
  std::vector<pid_t> parents{ancestor};
  while (!parents.empty()) {
    auto const [first, last] = by_parent.equal_range(parents.back());
    parents.pop_back();
    for (auto child = first; child != last; ++child) {
      found.push_back(child->second);
      parents.push_back(child->second.id);
    }
  }
  return found;
}

inline std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> ids;
  for (auto const& process : running_processes())
    if (process.parent == parent) ids.push_back(process.id);
  return ids;
}

inline std::vector<pid_t> ids_of(std::vector<Process> const& processes, std::string const& name) {
  std::vector<pid_t> ids;
  for (auto const& process : processes)
    if (process.name == name) ids.push_back(process.id);
  return ids;
}

inline bool runs(pid_t process) {
  for (auto const& running : running_processes())
    if (running.id == process) return true;
  return false;
}

/// Waits up to ten seconds for something that another process does.
template <class Condition>
bool comes_true(Condition condition) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

inline bool all_end(std::vector<Process> const& processes) {
  return comes_true([&] {
    for (auto const& process : processes)
      if (runs(process.id)) return false;
    return true;
  });
}

}  // namespace ballast::testing
