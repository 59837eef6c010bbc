// Every file is whole or absent, but for the table, which is only looked at.
#include "train_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>
#include <ballast/problem/file_joiner.hpp>

namespace app {
namespace {

namespace learn = ballast::learn;

constexpr std::size_t digest_size = sizeof(std::uint64_t);

/// Durable; for nobody else to read.
void write_file(std::string const& path, std::string_view bytes) {
  auto const file = ballast::make_file_joiner(path, ballast::JoinOrder::dataset);
  file->write(ballast::JobId{0}, bytes);
  file->finish(ballast::JobId{0});
  file->close();
  using std::filesystem::perms;
  std::error_code ignored;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write, ignored);
}

std::string read_file(std::string const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw ballast::InputOutputError::from_errno("cannot read " + path, errno, "look at the --run-dir");
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::string round_folder(std::string const& run_dir, std::uint32_t round) {
  return fmt::format("{}/round-{:03}", run_dir, round);
}

std::string TrainDirectory::model_file(std::uint32_t round) const {
  return fmt::format("{}/model-{:03}", path_, round);
}

void TrainDirectory::check_unused(ballast::Resume resume) const {
  if (resume == ballast::Resume::no && std::filesystem::exists(path_ + "/training"))
    throw ballast::UsageError{fmt::format("{} has been used", path_), "there is a training in it",
                              "add --resume to go on with it, or name another --run-dir"};
}

void TrainDirectory::open(std::string const& identity, ballast::Resume resume) const {
  check_unused(resume);
  std::error_code error;
  if (std::filesystem::create_directories(path_, error))
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
  if (error) throw ballast::InputOutputError{"cannot make " + path_, error.message(), "give another --run-dir"};
  auto const name = path_ + "/training";
  if (!std::filesystem::exists(name)) {
    write_file(name, identity);
    return;
  }
  if (auto const there = read_file(name); there != identity)
    throw ballast::UsageError{fmt::format("{} belongs to another training", path_),
                              fmt::format("`{}` there, `{}` now", there, identity),
                              "resume it with the same dataset and options, or name another --run-dir"};
}

std::optional<learn::ModelState> TrainDirectory::load(std::uint32_t round) const {
  auto const path = model_file(round);
  if (!std::filesystem::exists(path)) return {};
  auto const bytes = read_file(path);
  std::uint64_t digest{};
  std::memcpy(&digest, bytes.data(), std::min(bytes.size(), digest_size));
  auto const encoded = std::string_view{bytes}.substr(std::min(bytes.size(), digest_size));
  if (ballast::digest_of(encoded).value() != digest)
    throw ballast::InputOutputError{fmt::format("{} is damaged", path), "its digest differs",
                                    "delete it: its round is then trained again"};
  return learn::decode_state(encoded);
}

void TrainDirectory::keep(std::uint32_t round, learn::ModelState const& state) const {
  auto const encoded = encode(state);
  auto const digest = ballast::digest_of(encoded).value();
  std::string bytes(digest_size, '\0');
  std::memcpy(bytes.data(), &digest, digest_size);
  write_file(model_file(round), bytes + encoded);
}

void TrainDirectory::drop_run(std::uint32_t round) const {
  std::error_code ignored;  // it costs space, nothing else
  std::filesystem::remove_all(round_folder(path_, round), ignored);
}

void TrainDirectory::note(std::uint32_t round, RoundNumbers const& numbers) const {
  auto const path = path_ + "/rounds.tsv";
  bool const is_new = !std::filesystem::exists(path);
  std::ofstream file{path, std::ios::app};
  if (is_new) file << "round\tloss\taccuracy\tseconds\tsent\treceived\n";
  file << fmt::format("{}\t{:.6f}\t{:.6f}\t{:.3f}\t{}\t{}\n", round, numbers.loss, numbers.accuracy, numbers.seconds,
                      numbers.bytes_sent, numbers.bytes_received);
}

}  // namespace app
