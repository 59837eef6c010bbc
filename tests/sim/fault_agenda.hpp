// Fault agenda: what will be done in virtual time, earliest first, and in the order of asking among equals.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "ballast/core/clock.hpp"

namespace ballast::testing {

class FaultAgenda {
 public:
  [[nodiscard]] Time now() const { return now_; }
  void at(Time when, std::function<void()> work) {
    entries_.push_back({when, count_++, std::move(work)});
    std::push_heap(entries_.begin(), entries_.end(), later);
  }
  void after(Duration delay, std::function<void()> work) { at(now_ + delay, std::move(work)); }
  /// Does what is next; false if there is nothing.
  bool step() {
    if (entries_.empty()) return false;
    std::pop_heap(entries_.begin(), entries_.end(), later);
    auto const entry = std::move(entries_.back());
    entries_.pop_back();
    now_ = std::max(now_, entry.when);
    entry.work();
    return true;
  }

 private:
  struct Entry {
    Time when;
    std::uint64_t order{};
    std::function<void()> work;
  };
  static bool later(Entry const& a, Entry const& b) { return a.when != b.when ? a.when > b.when : a.order > b.order; }

  std::vector<Entry> entries_;
  std::uint64_t count_{0};
  Time now_{};
};

}  // namespace ballast::testing
