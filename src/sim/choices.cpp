// A comma separates policies, and the parameters of one: what is behind it says which.
#include "ballast/sim/choices.hpp"

#include <algorithm>

#include "ballast/core/error.hpp"
#include "ballast/schedule/policy.hpp"

namespace ballast {
namespace {

bool is_parameter(std::string_view piece) { return piece.find('=') < piece.find(':'); }

void add_all(std::vector<std::string>& choices) {
  std::vector<decltype(PolicyEntry::make)> made;  // several names may stand for one policy
  for (auto const& entry : policies()) {
    if (std::find(made.begin(), made.end(), entry.make) != made.end()) continue;
    made.push_back(entry.make);
    choices.emplace_back(entry.name);
  }
}

}  // namespace

std::vector<std::string> split_policies(std::string_view list) {
  std::vector<std::string> choices;
  for (std::size_t begin = 0; begin <= list.size();) {
    auto const piece = list.substr(begin, list.find(',', begin) - begin);
    begin += piece.size() + 1;
    if (piece == "all") {
      add_all(choices);
    } else if (!is_parameter(piece)) {
      choices.emplace_back(piece);
    } else {
      if (choices.empty() || choices.back().find(':') == std::string::npos)
        throw UsageError{"`" + std::string{piece} + "` belongs to no policy", "", "write NAME:key=value,key=value"};
      choices.back().append(",").append(piece);
    }
  }
  for (auto const& choice : choices) static_cast<void>(make_policy(choice));
  return choices;
}

}  // namespace ballast
