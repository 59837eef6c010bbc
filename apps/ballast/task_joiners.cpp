// Tags line by line; files one at a time.
#include "task_joiners.hpp"

#include <cerrno>
#include <fstream>
#include <optional>
#include <utility>

#include <ballast/core/error.hpp>

namespace app {
namespace {

class TaggingJoiner final : public ballast::Joiner {
 public:
  TaggingJoiner(std::unique_ptr<ballast::Joiner> joiner, std::function<std::string(ballast::JobId)> tag)
      : joiner_{std::move(joiner)}, tag_{std::move(tag)} {}

  [[nodiscard]] ballast::JoinOrder order() const override { return joiner_->order(); }

  void write(ballast::JobId job, std::string_view piece) override {
    if (!prefix_) prefix_ = tag_(job) + "\t";
    while (!piece.empty()) {
      if (std::exchange(at_line_begin_, false)) joiner_->write(job, *prefix_);
      auto const newline = piece.find('\n');
      auto const line = piece.substr(0, newline == std::string_view::npos ? newline : newline + 1);
      joiner_->write(job, line);
      at_line_begin_ = newline != std::string_view::npos;
      piece.remove_prefix(line.size());
    }
  }

  void finish(ballast::JobId job) override {
    prefix_.reset();
    at_line_begin_ = true;
    joiner_->finish(job);
  }

  void show() override { joiner_->show(); }
  void close() override { joiner_->close(); }

 private:
  std::unique_ptr<ballast::Joiner> joiner_;
  std::function<std::string(ballast::JobId)> tag_;
  std::optional<std::string> prefix_;  // of the job that is being joined
  bool at_line_begin_{true};
};

ballast::InputOutputError cannot_write(std::filesystem::path const& file) {
  return ballast::InputOutputError::from_errno("cannot write " + file.string(), errno,
                                               "look at that disk, or name another --output-dir");
}

std::ofstream open_output(std::filesystem::path const& file) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  std::ofstream output{file, std::ios::binary};
  if (!output) throw cannot_write(file);
  return output;
}

void expect_written(std::ofstream& output, std::filesystem::path const& file) {
  if (!output.flush()) throw cannot_write(file);
}

class FolderJoiner final : public ballast::Joiner {
 public:
  explicit FolderJoiner(std::filesystem::path folder) : folder_{std::move(folder)} {}

  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::arrival; }

  void write(ballast::JobId job, std::string_view piece) override {
    open(job);
    output_->write(piece.data(), static_cast<std::streamsize>(piece.size()));
    expect_written(*output_, file_);
  }
  void finish(ballast::JobId job) override {
    open(job);
    output_.reset();
  }
  void close() override {}

 private:
  void open(ballast::JobId job) {
    if (output_) return;
    file_ = output_file(folder_, job, "stdout");
    output_ = open_output(file_);
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
  std::optional<std::ofstream> output_;  // of the job that is being joined
};

}  // namespace

std::unique_ptr<ballast::Joiner> make_tagging_joiner(std::unique_ptr<ballast::Joiner> joiner,
                                                     std::function<std::string(ballast::JobId)> tag) {
  return std::make_unique<TaggingJoiner>(std::move(joiner), std::move(tag));
}

std::filesystem::path output_file(std::filesystem::path const& folder, ballast::JobId job, std::string_view stream) {
  return folder / std::to_string(job.value() + 1) / stream;
}

std::unique_ptr<ballast::Joiner> make_folder_joiner(std::filesystem::path folder) {
  return std::make_unique<FolderJoiner>(std::move(folder));
}

void write_output(std::filesystem::path const& file, std::string_view bytes) {
  auto output = open_output(file);
  output.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  expect_written(output, file);
}

}  // namespace app
