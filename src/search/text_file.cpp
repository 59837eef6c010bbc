// .tsv and .txt: a vector on each line, its components between blanks or tabs. Lines without any are passed over.
#include <algorithm>
#include <vector>

#include "search/text_row.hpp"
#include "search/vector_files.hpp"

namespace ballast {
namespace {

/// Where the lines that hold something begin, and the end of the file. One pass.
std::vector<std::uint64_t> begins_of_rows(OpenedFile const& file) {
  std::vector<std::uint64_t> begins;
  std::string bytes(bytes_at_once, '\0');
  std::uint64_t line = 0;
  bool holds_something = false;
  for (std::uint64_t at = 0; at < file.size(); at += bytes_at_once) {
    auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes_at_once, file.size() - at));
    file.read(at, bytes.data(), size);
    for (std::size_t i = 0; i < size; ++i) {
      auto const byte = bytes[i];
      if (byte == '\n') {
        line = at + i + 1;
        holds_something = false;
      } else if (!holds_something && byte != ' ' && byte != '\t' && byte != '\r') {
        holds_something = true;
        begins.push_back(line);
      }
    }
  }
  begins.push_back(file.size());
  return begins;
}

class TextFile final : public VectorFile {
 public:
  TextFile(std::string const& path, std::string_view columns)
      : columns_{parse_columns(columns)}, file_{path}, begins_{begins_of_rows(file_)} {
    if (rows() == 0) file_.refuse("it holds no row");
    auto const row = text_of(0, 1);
    words_ = count_words(row);
    if (words_ == 1 && row.find(',') != std::string::npos)
      file_.refuse_row(0, "has commas, not blanks or tabs, between its components");
    if (columns_.last != ColumnRange{}.last && words_ <= columns_.last) refuse_words(0, words_, columns_.last + 1);
    if (words_ <= columns_.first) refuse_words(0, words_, columns_.first + 1);
    dimension_ = std::min(columns_.last, words_ - 1) - columns_.first + 1;
  }

  [[nodiscard]] std::uint64_t rows() const override { return begins_.size() - 1; }
  [[nodiscard]] std::size_t dimension() const override { return dimension_; }
  [[nodiscard]] VectorElement element() const override { return VectorElement::text; }
  void read(std::uint64_t first, std::uint64_t count, std::span<float> into) override {
    parse(first, count, into, "no finite float");
  }
  void read_ids(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> into) override {
    parse(first, count, into, "no integer");
  }

 private:
  [[nodiscard]] std::string text_of(std::uint64_t first, std::uint64_t count) const {
    std::string text(begins_[first + count] - begins_[first], '\0');
    file_.read(begins_[first], text.data(), text.size());
    return text;
  }

  template <class Number>
  void parse(std::uint64_t first, std::uint64_t count, std::span<Number> into, std::string_view otherwise) {
    expect_range(*this, first, count, into.size());
    for (std::uint64_t done = 0; done < count;) {
      auto const row = first + done;
      std::uint64_t together = 1;
      while (done + together < count && begins_[row + together + 1] - begins_[row] <= bytes_at_once) ++together;
      auto const text = text_of(row, together);
      for (std::uint64_t i = 0; i < together; ++i)
        parse_row(row + i, std::string_view{text}.substr(begins_[row + i] - begins_[row]),
                  into.subspan((done + i) * dimension_, dimension_), otherwise);
      done += together;
    }
  }

  template <class Number>
  void parse_row(std::uint64_t row, std::string_view line, std::span<Number> into, std::string_view otherwise) const {
    line = line.substr(0, line.find('\n'));
    if (auto const words = count_words(line); words != words_) refuse_words(row, words, words_);
    for (std::size_t column = 0; column < columns_.first; ++column) static_cast<void>(next_word(line));
    for (std::size_t i = 0; i < into.size(); ++i) {
      auto const number = parse_number<Number>(next_word(line));
      if (!number)
        file_.refuse_row(row, "has " + std::string{otherwise} + " in column " + std::to_string(columns_.first + i + 1));
      into[i] = *number;
    }
  }

  [[noreturn]] void refuse_words(std::uint64_t row, std::size_t words, std::size_t expected) const {
    file_.refuse_row(row, "has " + std::to_string(words) + " columns, expected are " + std::to_string(expected));
  }

  ColumnRange columns_;
  OpenedFile file_;
  std::vector<std::uint64_t> begins_;
  std::size_t words_ = 0;
  std::size_t dimension_ = 0;
};

}  // namespace

std::unique_ptr<VectorFile> make_text_file(std::string const& path, std::string_view columns) {
  return std::make_unique<TextFile>(path, columns);
}

}  // namespace ballast
