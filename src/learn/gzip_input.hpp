// Gzip input: a file's bytes, decompressed where they are compressed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ballast::learn {

class GzipInput {
 public:
  /// Throws InputOutputError if there is no such file.
  explicit GzipInput(std::string path);

  /// Reads `size` bytes, fewer only at the end. Throws InputOutputError where compressed bytes are damaged or missing.
  [[nodiscard]] std::size_t read(char* into, std::size_t size);

  /// Reads a line without its end; false at the end of the file.
  [[nodiscard]] bool read_line(std::string& line);

  [[nodiscard]] std::string const& path() const { return path_; }
  /// Throws InputOutputError: `cannot use PATH (why); what to do`.
  [[noreturn]] void refuse(std::string_view why, std::string_view remedy) const;

 private:
  struct Close {
    void operator()(void* file) const;
  };
  std::string path_;
  std::unique_ptr<void, Close> file_;
  std::string read_ahead_;
  std::size_t taken_ = 0;  ///< of read_ahead_, by read_line
};

}  // namespace ballast::learn
