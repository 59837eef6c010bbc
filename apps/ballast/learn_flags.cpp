// The flags of both, as CLI11 wants them.
#include "learn_flags.hpp"

#include <fmt/format.h>

#include <ballast/core/error.hpp>

#include "quantities.hpp"

namespace app {

ballast::learn::CsvOptions csv_options(RowSource const& source) {
  using ballast::learn::CsvHeader;
  return {source.header ? CsvHeader::present : CsvHeader::absent, source.label_column};
}

LearnFlags::LearnFlags(CLI::App& files, std::string const& images_text, std::string const& label_column_text) {
  files.add_option("--images", source_.images, images_text);
  files.add_option("--csv", source_.csv, "Instead: rows of numbers between commas");
  files.add_flag("--header", source_.header, "The first line of a table names its columns");
  files.add_option("--label-column", label_column_, label_column_text)->check(at_least_one());
}

void LearnFlags::add_level(CLI::App& group) {
  group.add_option("--isa", isa_, "Instruction level of all nodes, which decides the last bits; auto: the Main Node's")
      ->check(CLI::IsMember({"auto", "generic", "avx2", "avx512"}))
      ->capture_default_str();
}

RowSource LearnFlags::source() const {
  auto source = source_;
  if (label_column_ > 0) source.label_column = label_column_;
  return source;
}

ballast::InstructionLevel LearnFlags::level() const {
  if (isa_ == "auto") return ballast::native_level();
  auto const level = ballast::parse_level(isa_);
  if (level > ballast::native_level())
    throw ballast::UsageError{fmt::format("this processor has no {}", isa_),
                              fmt::format("its level is {}", name_of(ballast::native_level())),
                              "leave out --isa, or give a lower one"};
  return level;
}

void LearnFlags::describe(nlohmann::ordered_json& config) const {
  config.update({{"images", source_.images},
                 {"csv", source_.csv},
                 {"header", source_.header},
                 {"label_column", label_column_},
                 {"isa", isa_}});
}

}  // namespace app
