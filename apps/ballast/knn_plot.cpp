// Units are pixels. A sweep falls to the right, so that there is room for words above each point on its right.
#include "knn_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace app {
namespace {

constexpr double width = 720;
constexpr double height = 480;
constexpr double left = 84;
constexpr double right = width - 76;  // the last point's words are behind it
constexpr double top = 98;
constexpr double bottom = height - 62;
constexpr double inset = 14;  // of the outermost ticks, so that no point lies on the frame

// Blue as in Okabe and Ito (2008), which the colour-blind can tell from the ink.
constexpr char const* style = R"(<style>
text { font: 13px Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #1f2328; stroke: #ffffff; stroke-width: 3; paint-order: stroke }
.title { font-size: 17px; font-weight: bold }
.soft { fill: #59636e }
.paper { fill: #ffffff }
.grid { stroke: #d8dee4 }
.curve { fill: none; stroke: #0072b2; stroke-width: 2 }
.point { fill: #0072b2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; stroke: #0d1117 }
.soft { fill: #9198a1 }
.paper { fill: #0d1117 }
.grid { stroke: #30363d }
.curve { stroke: #56b4e9 }
.point { fill: #56b4e9 }
}
</style>
)";

struct Point {
  std::size_t ef;
  double recall;
  double throughput;
};

std::vector<Point> points_of(std::vector<KnnNumbers> const& sweep) {
  std::vector<Point> points;
  for (auto const& numbers : sweep)
    if (numbers.recall && numbers.queries_per_second && *numbers.queries_per_second > 0)
      points.push_back({numbers.ef, *numbers.recall, *numbers.queries_per_second});
  std::stable_sort(points.begin(), points.end(), [](Point const& a, Point const& b) { return a.ef < b.ef; });
  return points;
}

enum class Side { below, above };

/// 1, 2 or 5 times a power of ten: the nearest to `value` on this side of it.
double round_number(double value, Side side) {
  constexpr double slack = 1e-9;
  auto const power = std::pow(10.0, std::floor(std::log10(value)));
  std::array const steps{power, 2 * power, 5 * power, 10 * power};
  if (side == Side::above)
    return *std::find_if(steps.begin(), std::prev(steps.end()),
                         [&](double step) { return step >= value * (1 - slack); });
  return *std::find_if(steps.rbegin(), std::prev(steps.rend()),
                       [&](double step) { return step <= value * (1 + slack); });
}

/// The places with a number on them, from the first to the last.
using Ticks = std::vector<double>;

/// Up to 1, which no recall exceeds.
Ticks recall_ticks(std::vector<Point> const& points) {
  auto lowest = 0.99;
  for (auto const& point : points) lowest = std::min(lowest, point.recall);
  auto const step = round_number((1 - lowest) / 5, Side::above);
  Ticks ticks;
  for (auto count = std::ceil((1 - lowest) / step - 1e-9); count >= 0; --count) ticks.push_back(1 - count * step);
  return ticks;
}

Ticks throughput_ticks(std::vector<Point> const& points) {
  if (points.empty()) return {1, 10};
  auto const [least, most] = std::minmax_element(
      points.begin(), points.end(), [](Point const& a, Point const& b) { return a.throughput < b.throughput; });
  Ticks ticks{round_number(least->throughput, Side::below)};
  auto const last = round_number(most->throughput, Side::above);
  while (ticks.back() < last * 0.99 || ticks.size() < 2) ticks.push_back(round_number(ticks.back() * 1.5, Side::above));
  return ticks;
}

class Plot {
 public:
  explicit Plot(std::vector<Point> points)
      : points_{std::move(points)}, recalls_{recall_ticks(points_)}, throughputs_{throughput_ticks(points_)} {}

  [[nodiscard]] std::string text(KnnPlotWords const& words) {
    text_ = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img">)"
        "\n<title>{2}</title>\n{3}",
        width, height, escaped(words.title), style);
    text_ += fmt::format(R"(<rect class="paper" width="{}" height="{}"/>)"
                         "\n",
                         width, height);
    write(20, 32, "start", "title", words.title);
    write(20, 54, "start", "soft", words.below);
    draw_axes();
    draw_curve();
    return text_ + "</svg>\n";
  }

 private:
  static std::string escaped(std::string const& words) {
    std::string safe;
    for (auto const letter : words) {
      if (letter == '&')
        safe += "&amp;";
      else if (letter == '<')
        safe += "&lt;";
      else if (static_cast<unsigned char>(letter) >= ' ')  // others are not allowed in XML
        safe += letter;
    }
    return safe;
  }

  [[nodiscard]] double x(double recall) const {
    return left + inset +
           (recall - recalls_.front()) / (recalls_.back() - recalls_.front()) * (right - left - 2 * inset);
  }
  [[nodiscard]] double y(double throughput) const {
    auto const share =
        std::log(throughput / throughputs_.front()) / std::log(throughputs_.back() / throughputs_.front());
    return bottom - inset - share * (bottom - top - 2 * inset);
  }

  void write(double at_x, double at_y, char const* anchor, char const* kind, std::string const& words) {
    text_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", kind, at_x,
                         at_y, anchor, escaped(words));
  }

  void draw_line(double x1, double y1, double x2, double y2) {
    text_ += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", x1, y1, x2, y2);
  }

  void draw_axes() {
    for (auto const recall : recalls_) {
      draw_line(x(recall), top, x(recall), bottom);
      write(x(recall), bottom + 19, "middle", "soft", fmt::format("{:.6g}", recall));
    }
    for (auto const throughput : throughputs_) {
      draw_line(left, y(throughput), right, y(throughput));
      write(left - 8, y(throughput) + 4, "end", "soft", fmt::format("{:.6g}", throughput));
    }
    write((left + right) / 2, bottom + 44, "middle", "", "recall");
    write(20, top - 12, "start", "", "queries per second");
  }

  void draw_curve() {
    if (points_.empty()) return;
    std::string places;
    for (auto const& point : points_) places += fmt::format(" {:.1f},{:.1f}", x(point.recall), y(point.throughput));
    text_ += fmt::format("<polyline class=\"curve\" points=\"{}\"/>\n", places.substr(1));
    for (auto const& point : points_) {
      text_ += fmt::format(
          "<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\">"
          "<title>ef {}: recall {:.6g}, {:.6g} queries per second</title></circle>\n",
          x(point.recall), y(point.throughput), point.ef, point.recall, point.throughput);
    }
    for (auto const& point : points_) taken_.push_back({x(point.recall) - 4, y(point.throughput) + 4, 8});
    for (auto const& point : points_) name(point);
  }

  /// Beside the point, where neither points nor other words are: on the right, or on the left below the curve, or
  /// higher.
  void name(Point const& point) {
    auto const words = fmt::format("ef {}", point.ef);
    auto const length = 7.5 * static_cast<double>(words.size());
    Box const beside{x(point.recall) + 8, y(point.throughput) - 6, length};
    Box const places[] = {beside, beside.moved(0, 10), beside.moved(0, 20), beside.moved(-16 - length, 20)};
    auto const* const free =
        std::find_if(std::begin(places), std::end(places), [&](Box const& box) { return is_free(box); });
    auto chosen = free == std::end(places) ? beside : *free;
    while (!is_free(chosen)) chosen = chosen.moved(0, -line);
    taken_.push_back(chosen);
    write(chosen.begin, chosen.base, "start", "", words);
  }

  /// Of words, from their beginning on their base line.
  struct Box {
    double begin;
    double base;
    double length;

    [[nodiscard]] Box moved(double along, double down) const { return {begin + along, base + down, length}; }
  };
  static constexpr double line = 15;

  [[nodiscard]] bool is_free(Box const& box) const {
    return std::none_of(taken_.begin(), taken_.end(), [&](Box const& other) { return overlap(box, other); });
  }
  static bool overlap(Box const& a, Box const& b) {
    return std::abs(a.base - b.base) < line && a.begin < b.begin + b.length && b.begin < a.begin + a.length;
  }

  std::vector<Point> points_;
  Ticks recalls_;
  Ticks throughputs_;
  std::vector<Box> taken_;
  std::string text_;
};

}  // namespace

std::string plot_of(std::vector<KnnNumbers> const& sweep, KnnPlotWords const& words) {
  return Plot{points_of(sweep)}.text(words);
}

}  // namespace app
