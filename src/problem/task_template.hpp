// Task template: words with placeholders, parsed once and filled in for each task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ballast {

/// What a placeholder takes of a value, as GNU parallel does.
enum class ValuePart {
  whole,           ///< {}
  without_ending,  ///< {.}: without the extension
  file_name,       ///< {/}
  folder,          ///< {//}
  bare_file_name,  ///< {/.}: the file name without its extension
};

[[nodiscard]] std::string part_of(std::string_view value, ValuePart part);

/// The values that a template may name.
struct KnownValues {
  std::vector<std::string> names{};    ///< from a header; {name} is the value in the name's place
  std::optional<std::size_t> count{};  ///< none: it differs from task to task
};

/// The command of every task of a run.
class CommandTemplate {
 public:
  /// Throws UsageError if a placeholder counts beyond the known values.
  CommandTemplate(std::vector<std::string> const& words, KnownValues const& known, std::string shell);

  /// The words to run for task `number`, counted from 1.
  [[nodiscard]] std::vector<std::string> fill(std::uint64_t number, std::vector<std::string> const& values) const;

 private:
  enum class Form { values, shell_command, program };
  struct AllValues {
    ValuePart part{};
  };
  struct OneValue {
    std::size_t place{};
    ValuePart part{};
  };
  struct TaskNumber {};
  using Piece = std::variant<std::string, AllValues, OneValue, TaskNumber>;
  using Word = std::vector<Piece>;
  struct Filling;

  static Word parse(std::string_view word, KnownValues const& known);
  static std::optional<Piece> placeholder(std::string_view inside, KnownValues const& known);
  static std::string filled(Word const& word, Filling const& filling);

  Form form_;
  std::string shell_;
  std::vector<Word> words_;
  bool has_placeholder_ = false;
};

}  // namespace ballast
