// A line takes the place of the progress line, which is drawn again below it.
#include "monitor/console.hpp"

namespace ballast {
namespace {

constexpr std::string_view erase_line = "\r\x1b[K";

}  // namespace

void Console::say(std::string_view line) {
  std::string text{"ballast: "};
  write(text.append(line).append("\n"));
}

void Console::pass_on(std::string_view text) {
  std::string copy{text};
  if (!copy.empty() && copy.back() != '\n') copy.push_back('\n');
  write(std::move(copy));
}

void Console::show_bar(std::string_view bar) {
  auto const shown = !bar_.empty();
  bar_ = bar;
  if (!shown && bar_.empty()) return;
  std::string text{erase_line};
  write(bar_.empty() ? text : std::string{});
}

void Console::write(std::string text) {
  if (!bar_.empty()) text = std::string{erase_line}.append(text).append(bar_);
  while (!text.empty()) {
    auto const written = ::write(descriptor_, text.data(), text.size());
    if (written <= 0) return;
    text.erase(0, static_cast<std::size_t>(written));
  }
}

}  // namespace ballast
