// The names of the metrics.
#include "ballast/search/metric.hpp"

#include <string>

#include "ballast/core/error.hpp"

namespace ballast {

Metric parse_metric(std::string_view name) {
  if (name == "l2" || name == "euclidean") return Metric::l2;
  if (name == "ip") return Metric::inner_product;
  if (name == "cosine" || name == "angular") return Metric::cosine;
  throw UsageError{"there is no metric " + std::string{name}, "", "use l2, ip or cosine"};
}

std::string_view name_of(Metric metric) {
  switch (metric) {
    case Metric::l2:
      return "l2";
    case Metric::inner_product:
      return "ip";
    case Metric::cosine:
      return "cosine";
  }
  return "";
}

}  // namespace ballast
