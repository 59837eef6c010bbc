// Joiner: solutions become one result. Lives on the Main Node.
#pragma once

#include <string_view>

#include "ballast/core/id.hpp"

namespace ballast {

/// In which order a joiner wants the solutions.
enum class JoinOrder { dataset, arrival };

/// Receives every solution once, whole, piece by piece, one job after the other. May block; called by one thread only.
/// A joiner that is destroyed before close() leaves no half result behind.
class Joiner {
 public:
  virtual ~Joiner() = default;
  [[nodiscard]] virtual JoinOrder order() const = 0;
  /// The next bytes of this job's solution. Throws ReaderGone when nobody wants the result any more.
  virtual void write(JobId job, std::string_view piece) = 0;
  /// This job's solution is whole.
  virtual void finish(JobId job) = 0;
  /// Nothing has come for a while: what is finished should be seen.
  virtual void show() {}
  /// All jobs are joined (or given up): makes the result durable and visible.
  virtual void close() = 0;
};

}  // namespace ballast
