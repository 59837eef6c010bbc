// What a folder of --save-index says about how the base was cut.
#include "knn_plan.hpp"

#include <charconv>
#include <filesystem>
#include <string_view>

namespace app {

std::uint32_t saved_shards(std::string const& folder) {
  std::error_code ignored;
  for (auto const& entry : std::filesystem::directory_iterator{folder, ignored}) {
    auto const file = entry.path().filename().string();
    std::string_view const name{file};
    if (name == "graph.hnsw") return 1;
    constexpr std::string_view first = "graph-1-of-";
    if (!name.starts_with(first)) continue;
    std::uint32_t shards = 0;
    std::from_chars(name.data() + first.size(), name.data() + name.size(), shards);
    if (shards > 0 && name == graph_file("", 0, shards).substr(1)) return shards;
  }
  return 0;
}

}  // namespace app
