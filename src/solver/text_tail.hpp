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
    all_ += text.size();
    if (text.size() > limit_) text.remove_prefix(text.size() - limit_);
    if (kept_.size() + text.size() > 2 * limit_) cut(limit_ - text.size());
    kept_.append(text);
  }

  /// The last `limit` bytes; none are kept afterwards.
  [[nodiscard]] std::string take() {
    all_ = 0;
    cut(limit_);
    return std::exchange(kept_, {});
  }

  /// The same for people: where bytes are missing, the first line says so, and is among the `limit`. Expects a limit of
  /// some lines.
  [[nodiscard]] std::string take_for_reading() {
    auto const all = all_;
    auto text = take();
    if (all == text.size()) return text;
    auto const mark = "[the first bytes of " + std::to_string(all) + " are left out]\n";
    return mark + text.substr(mark.size());
  }

 private:
  void cut(std::size_t size) {
    if (kept_.size() > size) kept_.erase(0, kept_.size() - size);
  }

  std::size_t limit_;
  std::size_t all_{0};  // bytes that were appended
  std::string kept_;
};

}  // namespace ballast
