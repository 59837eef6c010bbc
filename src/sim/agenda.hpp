// Agenda: what will happen in virtual time, earliest first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"

namespace ballast {

/// What happens to, or because of, a node.
struct Happening {
  enum class Kind : std::uint32_t { order_arrives, report_arrives, attempt_ends, node_dies, loss_is_noticed };

  Time at;
  std::uint64_t order{};  ///< among those of the same time: first come, first served
  Kind kind{};
  NodeId node;
  std::uint32_t slot{};  ///< of the message, or the solver
  std::uint32_t turn{};  ///< of the solver: which of its attempts is meant
};

class Agenda {
 public:
  void add(Happening happening) {
    happening.order = count_++;
    heap_.push_back(happening);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] Time next() const { return heap_.front().at; }
  [[nodiscard]] Happening take() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    auto const first = heap_.back();
    heap_.pop_back();
    return first;
  }

 private:
  static bool later(Happening const& a, Happening const& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }

  std::vector<Happening> heap_;
  std::uint64_t count_{0};
};

}  // namespace ballast
