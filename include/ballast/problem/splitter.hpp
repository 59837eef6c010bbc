// Splitter: a dataset as a sequence of jobs. Lives on the Main Node.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "ballast/core/id.hpp"
#include "ballast/core/payload.hpp"

namespace ballast {

/// A dataset that can be read once, front to back: standard input, an author's split().
class StreamSplitter {
 public:
  virtual ~StreamSplitter() = default;
  /// The next job in dataset order, or none at the end. May block; called by one thread only.
  virtual std::optional<Payload> next() = 0;
};

/// A dataset whose jobs are counted, and can be read in any order and more than once: files.
class IndexedSplitter {
 public:
  virtual ~IndexedSplitter() = default;
  [[nodiscard]] virtual std::uint64_t count() const = 0;
  /// The job with this id, 0 ≤ id < count(). Throws InputOutputError when the dataset has changed or cannot be read.
  virtual Payload read(JobId id) = 0;
};

using Splitter = std::variant<std::unique_ptr<StreamSplitter>, std::unique_ptr<IndexedSplitter>>;

}  // namespace ballast
