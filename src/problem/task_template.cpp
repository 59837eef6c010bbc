// Parsing placeholders and filling them in.
#include "problem/task_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "ballast/core/shell.hpp"

namespace ballast {
namespace {

using Values = std::vector<std::string>;

std::string_view without_ending(std::string_view path) {
  auto const mark = path.find_last_of("./");
  return mark != std::string_view::npos && path[mark] == '.' ? path.substr(0, mark) : path;
}

std::string_view file_name(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

std::string_view without_last_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// What dirname(1) says.
std::string_view folder(std::string_view path) {
  path = without_last_slashes(path);
  auto const slash = path.find_last_of('/');
  return slash == std::string_view::npos ? "." : without_last_slashes(path.substr(0, slash + 1));
}

struct Ending {
  std::string_view text;
  ValuePart part;
};
constexpr std::array<Ending, 5> endings{{{"//", ValuePart::folder},
                                         {"/.", ValuePart::bare_file_name},
                                         {"/", ValuePart::file_name},
                                         {".", ValuePart::without_ending},
                                         {"", ValuePart::whole}}};

/// A number from 1 on, or none. One that is too large to be any value's place stays so.
std::optional<std::uint64_t> number_in(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  auto const result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) return UINT64_MAX;
  if (number == 0) return std::nullopt;
  return number;
}

[[noreturn]] void refuse(std::string_view inside, std::size_t count) {
  throw UsageError{
      fmt::format("the template names a value {{{}}} that no task has", inside),
      fmt::format("there {} {} source{} of values", count == 1 ? "is" : "are", count, count == 1 ? "" : "s"),
      "correct the placeholder, or give more sources with `:::` or `::::`"};
}

}  // namespace

std::string part_of(std::string_view value, ValuePart part) {
  switch (part) {
    case ValuePart::whole:
      return std::string{value};
    case ValuePart::without_ending:
      return std::string{without_ending(value)};
    case ValuePart::file_name:
      return std::string{file_name(value)};
    case ValuePart::folder:
      return std::string{folder(value)};
    case ValuePart::bare_file_name:
      return std::string{without_ending(file_name(value))};
  }
  BALLAST_EXPECT(false);
  return {};
}

/// Turns pieces into text, for one task.
struct CommandTemplate::Filling {
  std::uint64_t number;
  Values const& values;
  Form form;

  [[nodiscard]] std::string written(std::string value) const {
    return form == Form::shell_command ? shell_word(value) : std::move(value);
  }
  std::string operator()(std::string const& text) const { return text; }
  std::string operator()(TaskNumber /*unused*/) const { return std::to_string(number); }
  std::string operator()(OneValue one) const {
    return one.place < values.size() ? written(part_of(values[one.place], one.part)) : std::string{};
  }
  std::string operator()(AllValues all) const {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text += ' ';
      text += written(part_of(values[i], all.part));
    }
    return text;
  }
};

CommandTemplate::CommandTemplate(std::vector<std::string> const& words, KnownValues const& known, std::string shell)
    : form_{words.empty()       ? Form::values
            : words.size() == 1 ? Form::shell_command
                                : Form::program},
      shell_{std::move(shell)} {
  for (auto const& word : words) {
    words_.push_back(parse(word, known));
    auto const is_placeholder = [](Piece const& piece) { return !std::holds_alternative<std::string>(piece); };
    has_placeholder_ = has_placeholder_ || std::ranges::any_of(words_.back(), is_placeholder);
  }
  if (words.empty()) words_.push_back({AllValues{}});
}

CommandTemplate::Word CommandTemplate::parse(std::string_view word, KnownValues const& known) {
  Word pieces;
  std::string plain;
  while (!word.empty()) {
    auto const end = word.front() == '{' ? word.find('}') : std::string_view::npos;
    auto piece = end == std::string_view::npos ? std::nullopt : placeholder(word.substr(1, end - 1), known);
    if (!piece) {
      plain += word.front();
      word.remove_prefix(1);
      continue;
    }
    if (!plain.empty()) pieces.emplace_back(std::exchange(plain, {}));
    pieces.push_back(*std::move(piece));
    word.remove_prefix(end + 1);
  }
  if (!plain.empty()) pieces.emplace_back(std::move(plain));
  return pieces;
}

std::optional<CommandTemplate::Piece> CommandTemplate::placeholder(std::string_view inside, KnownValues const& known) {
  if (inside == "#") return TaskNumber{};
  if (inside == "%")
    throw UsageError{"the template asks for {%}, the slot of its task", "that is known only where the task runs",
                     "use $BALLAST_SOLVER in a shell command"};
  for (auto const& ending : endings) {
    if (!inside.ends_with(ending.text)) continue;
    auto const name = inside.substr(0, inside.size() - ending.text.size());
    auto const named = std::ranges::find(known.names, name);
    if (!name.empty() && named != known.names.end())
      return OneValue{static_cast<std::size_t>(named - known.names.begin()), ending.part};
    if (name.empty()) return AllValues{ending.part};
    if (auto const number = number_in(name)) {
      if (known.count && *number > *known.count) refuse(inside, *known.count);
      return OneValue{*number - 1, ending.part};
    }
  }
  return std::nullopt;
}

std::string CommandTemplate::filled(Word const& word, Filling const& filling) {
  std::string text;
  for (auto const& piece : word) text += std::visit(filling, piece);
  return text;
}

Values CommandTemplate::fill(std::uint64_t number, Values const& values) const {
  Filling const filling{number, values, form_};
  Values words;
  for (auto const& word : words_) words.push_back(filled(word, filling));
  auto const adds_values = !has_placeholder_ && form_ != Form::values;
  if (form_ == Form::program) {
    if (adds_values) words.insert(words.end(), values.begin(), values.end());
    return words;
  }
  if (adds_values && !values.empty()) words.front() += " " + filling(AllValues{});
  return {shell_, "-c", std::move(words.front())};
}

}  // namespace ballast
