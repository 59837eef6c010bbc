// Text stream: inputs that can be read only once, as jobs one after the other.
#pragma once

#include <cstdint>
#include <string>

#include "ballast/problem/splitter.hpp"
#include "ballast/problem/text_splitter.hpp"
#include "core/descriptor.hpp"
#include "problem/batch_rule.hpp"

namespace ballast {

/// One input that is being read: what has come and is in no job yet.
class StreamWindow final : public TextSource {
 public:
  /// Owns `opened`; without it, reads standard input.
  StreamWindow(Descriptor opened, std::string name) : opened_{std::move(opened)}, name_{std::move(name)} {}

  std::uint64_t reach(std::uint64_t offset) override;
  std::string_view bytes(std::uint64_t begin, std::uint64_t end) override;
  std::string_view ahead(std::uint64_t begin) override;

  [[nodiscard]] std::uint64_t begin() const { return begin_; }  ///< of the next job
  /// The bytes from begin() to `end`, which are forgotten here. A large job leaves with the buffer, uncopied.
  [[nodiscard]] Payload take(std::uint64_t end);

 private:
  [[nodiscard]] std::uint64_t end() const { return begin_ + (filled_ - taken_); }
  bool fill();
  void make_room();

  Descriptor opened_;
  std::string name_;
  std::string buffer_;  ///< taken bytes, then those in no job yet, then room
  std::size_t taken_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t begin_ = 0;
  bool ended_ = false;
};

/// Waits for bytes, never hands on half a batch because they are slow: jobs depend on the bytes alone.
class StreamedText final : public StreamSplitter {
 public:
  explicit StreamedText(TextOptions options) : options_{std::move(options)} {}
  std::optional<Payload> next() override;

 private:
  TextOptions options_;
  std::size_t opened_ = 0;  ///< how many of the inputs have been
  std::optional<StreamWindow> window_;
};

}  // namespace ballast
