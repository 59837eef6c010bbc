// Knn plot: the numbers of a sweep where they belong, and a file that any reader of SVG takes.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "ballast/knn_plot.hpp"
#include "support/catch.hpp"

using namespace app;

namespace {

KnnNumbers searched(std::size_t ef, double recall, double throughput) {
  KnnNumbers numbers;
  numbers.ef = ef;
  numbers.recall = recall;
  numbers.queries_per_second = throughput;
  return numbers;
}

/// The value of the attribute in each element that begins so, in their order.
std::vector<double> values(std::string const& svg, std::string const& element, std::string const& attribute) {
  std::vector<double> found;
  for (auto at = svg.find(element); at != std::string::npos; at = svg.find(element, at + 1))
    found.push_back(std::stod(svg.substr(svg.find(attribute + "=\"", at) + attribute.size() + 2)));
  return found;
}

std::size_t count(std::string const& svg, std::string const& words) {
  std::size_t found = 0;
  for (auto at = svg.find(words); at != std::string::npos; at = svg.find(words, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a better recall is farther to the right, and ten times the throughput as far up wherever it begins") {
  auto const svg = plot_of({searched(10, 0.5, 10000), searched(20, 0.8, 1000), searched(40, 0.9, 100)}, {"t", "b"});
  auto const right = values(svg, "<circle", "cx");
  auto const down = values(svg, "<circle", "cy");
  REQUIRE(right.size() == 3);
  CHECK(right[1] - right[0] == Approx(3 * (right[2] - right[1])).margin(0.3));
  CHECK(down[1] > down[0]);
  CHECK(down[1] - down[0] == Approx(down[2] - down[1]).margin(0.2));
  CHECK(svg.find("<title>ef 20: recall 0.8, 1000 queries per second</title>") != std::string::npos);
}

TEST_CASE("the points are joined in the order of ef, whatever the order of the sweep") {
  std::vector const forwards{searched(8, 0.9, 900), searched(16, 0.95, 500), searched(32, 0.99, 200)};
  CHECK(plot_of({forwards[2], forwards[0], forwards[1]}, {"t", "b"}) == plot_of(forwards, {"t", "b"}));
}

TEST_CASE("each point has its ef beside it, and none lies on another's") {
  std::vector<KnnNumbers> close;
  for (std::size_t ef = 1; ef <= 12; ++ef)
    close.push_back(searched(ef, 0.9990 + 0.0001 * static_cast<double>(ef % 2), 5000));
  auto const svg = plot_of(close, {"t", "b"});
  std::vector<std::pair<double, double>> places;
  for (std::size_t ef = 1; ef <= 12; ++ef) {
    auto const end = svg.find(">ef " + std::to_string(ef) + "</text>");
    REQUIRE(end != std::string::npos);
    auto const begin = svg.rfind("<text", end);
    auto const words = svg.substr(begin, end - begin);
    places.emplace_back(values(words, "<text", "x")[0], values(words, "<text", "y")[0]);
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = 0; i + 1 < places.size(); ++i)
    for (std::size_t j = i + 1; j < places.size(); ++j)
      CHECK((places[j].first - places[i].first > 25 || std::abs(places[j].second - places[i].second) > 12));
}

TEST_CASE("the axes end in round numbers around all points") {
  auto const svg = plot_of({searched(16, 0.67295, 26534.6), searched(256, 0.9988, 4271.76)}, {"t", "b"});
  for (auto const* tick : {">0.6<", ">0.8<", ">1<", ">2000<", ">5000<", ">50000<"}) CHECK(count(svg, tick) == 1);
  CHECK(count(svg, ">1000<") == 0);
}

TEST_CASE("searches without a recall or a time are left out, and none at all are an empty picture") {
  KnnNumbers unknown;
  unknown.ef = 5;
  CHECK(count(plot_of({unknown, searched(8, 1, 1000)}, {"t", "b"}), "<circle") == 1);
  CHECK(count(plot_of({unknown}, {"t", "b"}), "<polyline") == 0);
  CHECK(plot_of({}, {"t", "b"}).ends_with("</svg>\n"));
}

TEST_CASE("a dataset whose name is no XML is text all the same") {
  auto const svg = plot_of({searched(8, 1, 1000)}, {"a<b>&c\n.npy, k = 1", "below"});
  CHECK(count(svg, ">a&lt;b>&amp;c.npy, k = 1</text>") == 1);
  CHECK(count(svg, "<title>a&lt;b>&amp;c.npy, k = 1</title>") == 1);
}

TEST_CASE("the picture has colours for light and for dark") {
  CHECK(count(plot_of({}, {"t", "b"}), "@media (prefers-color-scheme: dark)") == 1);
}
