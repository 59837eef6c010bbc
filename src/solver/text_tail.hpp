// Text tail: the last bytes of a text of any length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ballast {

class TextTail {
 public:
  explicit TextTail(std::size_t limit) : limit_{limit} {}

  void append(std::string_view text) {
    if (text.size() > limit_) text.remove_prefix(text.size() - limit_);
    if (kept_.size() + text.size() > 2 * limit_) cut(limit_ - text.size());
    kept_.append(text);
  }

  /// The last `limit` bytes; none are kept afterwards.
  [[nodiscard]] std::string take() {
    cut(limit_);
    return std::exchange(kept_, {});
  }

 private:
  void cut(std::size_t size) {
    if (kept_.size() > size) kept_.erase(0, kept_.size() - size);
  }

  std::size_t limit_;
  std::string kept_;
};

}  // namespace ballast
