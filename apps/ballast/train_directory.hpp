// Train directory: what `--run-dir` holds of a training, found again by `--resume`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ballast/learn/model_state.hpp>
#include <ballast/runtime/options.hpp>

namespace app {

/// What a round has come to, and what it took.
struct RoundNumbers {
  double loss{};      ///< mean training loss before averaging
  double accuracy{};  ///< of the test rows; not a number without any
  double seconds{};
  std::uint64_t bytes_sent{};  ///< by the Main Node
  std::uint64_t bytes_received{};
};

/// `training` says whose it is, `model-NNN` is the state after a round, `round-NNN` the run of a round that has not
/// ended, `rounds.tsv` a table of those that have.
class TrainDirectory {
 public:
  explicit TrainDirectory(std::string path) : path_{std::move(path)} {}

  /// Throws UsageError if there is a training in it that is not to be gone on with.
  void check_unused(ballast::Resume resume) const;
  /// Makes it, or finds the training in it. Throws what check_unused() does, UsageError if it is another training's,
  /// and InputOutputError for a disk that does not do its part.
  void open(std::string const& identity, ballast::Resume resume) const;

  /// The state after this round, if it is there. Throws InputOutputError if it is damaged.
  [[nodiscard]] std::optional<ballast::learn::ModelState> load(std::uint32_t round) const;
  /// Durable when this returns.
  void keep(std::uint32_t round, ballast::learn::ModelState const& state) const;
  /// Removes the run of a round whose state is kept: it has nothing more to give.
  void drop_run(std::uint32_t round) const;
  /// Adds a line to the table.
  void note(std::uint32_t round, RoundNumbers const& numbers) const;

 private:
  [[nodiscard]] std::string model_file(std::uint32_t round) const;

  std::string path_;
};

/// The folder of a round's own run.
[[nodiscard]] std::string round_folder(std::string const& run_dir, std::uint32_t round);

}  // namespace app
