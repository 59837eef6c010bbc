// Text index: files of records as jobs that can be read in any order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "ballast/problem/splitter.hpp"
#include "ballast/problem/text_splitter.hpp"
#include "problem/batch_rule.hpp"
#include "problem/input_file.hpp"

namespace ballast {

/// Offsets of jobs, in bounded memory: of every job, or of every 2nd, 4th, 8th … once there are many.
class JobOffsets {
 public:
  /// Keeps at most `limit` offsets. Expects limit ≥ 2.
  explicit JobOffsets(std::size_t limit);
  void add(std::uint64_t offset);
  [[nodiscard]] std::uint64_t count() const { return count_; }    ///< jobs added
  [[nodiscard]] std::uint64_t stride() const { return stride_; }  ///< jobs from one kept offset to the next
  [[nodiscard]] std::uint64_t kept(std::uint64_t number) const { return offsets_[number]; }

 private:
  std::size_t limit_;
  std::uint64_t stride_ = 1;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> offsets_;
};

/// The inputs one behind the other, read through a window. Offsets count through all of them.
class InputFiles {
 public:
  explicit InputFiles(std::vector<std::string> const& paths);

  [[nodiscard]] std::uint64_t size() const { return starts_.back(); }
  [[nodiscard]] std::size_t file_at(std::uint64_t offset) const;
  [[nodiscard]] InputFile const& file(std::size_t number) const { return files_[number]; }
  [[nodiscard]] std::uint64_t start(std::size_t number) const { return starts_[number]; }
  /// Reads from one file. Throws InputOutputError if it has changed.
  void read(std::size_t number, std::uint64_t offset, char* into, std::size_t size);

 private:
  Descriptor const& opened(std::size_t number);

  std::vector<InputFile> files_;
  std::vector<std::uint64_t> starts_;    ///< where each file begins; one more, where the last one ends
  std::vector<Descriptor> descriptors_;  ///< by file; few are open
  std::deque<std::size_t> open_;         ///< in the order of opening
};

/// A piece of one file in memory, which moves as the batch rule looks at it.
class FileWindow final : public TextSource {
 public:
  explicit FileWindow(InputFiles& files) : files_{files} {}
  void look_at(std::size_t file);
  /// From now on bytes() loads no less at a time than this, where the file goes so far.
  void load_at_least(std::size_t size) { least_ = size; }

  std::uint64_t reach(std::uint64_t offset) override;
  std::string_view bytes(std::uint64_t begin, std::uint64_t end) override;
  std::string_view ahead(std::uint64_t begin) override;

 private:
  void load(std::uint64_t begin, std::size_t size);

  InputFiles& files_;
  std::size_t least_ = 0;
  std::size_t file_ = 0;
  std::uint64_t begin_ = 0;  ///< of what is loaded
  std::string loaded_;
};

/// One pass over the files when it is made tells where the jobs are. Used by one thread.
class IndexedText final : public IndexedSplitter {
 public:
  static constexpr std::size_t usual_limit = std::size_t{1} << 20;

  explicit IndexedText(TextOptions options, std::size_t offsets_limit = usual_limit);
  [[nodiscard]] std::uint64_t count() const override { return offsets_.count(); }
  Payload read(JobId id) override;

 private:
  /// The offsets of neighbouring jobs between two kept ones, found again by looking at the bytes.
  struct Block {
    std::uint64_t number{};
    std::vector<std::uint64_t> offsets;  ///< empty: no block yet
  };

  [[nodiscard]] std::uint64_t end_of(std::uint64_t begin);
  [[nodiscard]] std::uint64_t begin_of(std::uint64_t job);
  Block const& block(std::uint64_t number);
  void load_block(std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] Payload records(std::size_t file, std::uint64_t offset, std::uint64_t size);

  TextOptions options_;
  InputFiles files_;
  FileWindow window_;       ///< for looking for the ends of jobs
  FileWindow reading_;      ///< for reading small jobs in a row with few calls
  std::uint64_t next_ = 0;  ///< where a job begins that would be read in a row
  std::size_t ahead_ = 0;   ///< what is read ahead then; more from job to job
  JobOffsets offsets_;
  std::array<Block, 256> blocks_;
};

}  // namespace ballast
