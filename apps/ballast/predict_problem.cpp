// The state is the network's weights behind a line of terms; jobs are normalised rows.
#include "predict_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>
#include <ballast/learn/dataset_file.hpp>
#include <ballast/learn/evaluation.hpp>
#include <ballast/problem/file_joiner.hpp>

#include "learn_wire.hpp"

namespace app {
namespace {

namespace learn = ballast::learn;

void drop_column(learn::Matrix& rows, std::size_t column) {
  learn::Matrix kept{rows.rows, rows.columns - 1, {}};
  kept.values.reserve(kept.rows * kept.columns);
  for (std::size_t row = 0; row < rows.rows; ++row)
    for (std::size_t i = 0; i < rows.columns; ++i)
      if (i != column) kept.values.push_back(rows.row(row)[i]);
  rows = std::move(kept);
}

/// Of a table, the label's column is left out if there is one.
learn::Matrix read_rows(PredictPlan const& plan, std::size_t inputs) {
  auto const& source = plan.source;
  auto rows = source.csv.empty() ? learn::read_idx_images(source.images)
                                 : learn::read_csv_features(source.csv, csv_options(source).header);
  if (!source.csv.empty() && rows.columns == inputs + 1) {
    auto const column = source.label_column.value_or(rows.columns);
    if (column > rows.columns)
      throw ballast::UsageError{fmt::format("there is no label column {}", column),
                                fmt::format("{} has {} columns", source.csv, rows.columns),
                                fmt::format("give --label-column 1 to {}", rows.columns)};
    drop_column(rows, column - 1);
  }
  if (rows.columns != inputs)
    throw ballast::UsageError{
        fmt::format("{} is no model for {}", plan.load, source.csv.empty() ? source.images : source.csv),
        fmt::format("it has {} inputs, the rows have {} features", inputs, rows.columns),
        "give rows of the kind it was trained with"};
  return rows;
}

class RowSplitter final : public ballast::IndexedSplitter {
 public:
  RowSplitter(learn::Matrix const& rows, std::size_t batch) : rows_{rows}, batch_{batch} {}
  [[nodiscard]] std::uint64_t count() const override { return (rows_.rows + batch_ - 1) / batch_; }
  ballast::Payload read(ballast::JobId id) override {
    auto const begin = id.value() * batch_ * rows_.columns * sizeof(float);
    return ballast::Payload{bytes_of(rows_.values).substr(begin, batch_ * rows_.columns * sizeof(float))};
  }

 private:
  learn::Matrix const& rows_;
  std::size_t batch_;
};

/// A label a line; of a batch that was given up the lines are empty, so that the others keep their places.
class LabelJoiner final : public ballast::Joiner {
 public:
  LabelJoiner(PredictPlan const& plan, std::vector<float> const& classes, std::size_t rows)
      : classes_{classes},
        rows_{rows},
        batch_{plan.batch},
        file_{ballast::make_file_joiner(
            plan.output.empty() ? std::nullopt : std::optional<std::filesystem::path>{plan.output},
            ballast::JoinOrder::dataset)} {}

  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::dataset; }
  void write(ballast::JobId, std::string_view piece) override { solution_ += piece; }

  void finish(ballast::JobId job) override {
    fill_up_to(job.value() * batch_);
    std::string lines;
    for (auto const place : values_of<std::uint32_t>(std::exchange(solution_, {}))) {
      fmt::format_to(std::back_inserter(lines), "{}\n", classes_.at(place));
      ++row_;
    }
    add(lines);
  }
  void show() override { file_->show(); }
  void close() override {
    fill_up_to(rows_);
    file_->close();
  }

 private:
  void fill_up_to(std::size_t row) {
    if (row > row_) add(std::string(row - row_, '\n'));
    row_ = std::max(row, row_);
  }
  void add(std::string const& lines) {
    file_->write(ballast::JobId{written_}, lines);
    file_->finish(ballast::JobId{written_++});
  }

  std::vector<float> const& classes_;
  std::size_t rows_;
  std::size_t batch_;
  std::unique_ptr<ballast::Joiner> file_;
  std::string solution_;  // of the batch that is being joined
  std::size_t row_{0};
  std::uint64_t written_{0};
};

}  // namespace

Predict::Source const& Predict::source() const {
  if (source_) return *source_;
  auto model = learn::load_model(plan_.load);
  auto rows = read_rows(plan_, model.shape.inputs);
  learn::normalise(rows, model.normalisation);
  return source_.emplace(Source{std::move(model), std::move(rows)});
}

std::string Predict::identity() const {
  auto const& [model, rows] = source();
  return fmt::format("predict model {} {} rows {} batch {} level {}",
                     ballast::digest_of(bytes_of(model.weights)).value(),
                     ballast::digest_of(bytes_of(model.classes)).value(),
                     ballast::digest_of(bytes_of(rows.values)).value(), plan_.batch, name_of(plan_.level));
}

std::vector<std::shared_ptr<ballast::Payload const>> Predict::state() {
  auto const& model = source().model;
  auto bytes =
      fmt::format("{} {} {} {}\n", name_of(plan_.level), model.shape.inputs, model.shape.hidden, model.shape.classes);
  bytes += bytes_of(model.weights);
  return {std::make_shared<ballast::Payload const>(std::move(bytes))};
}

void Predict::take(std::vector<std::shared_ptr<ballast::Payload const>> parts) {
  std::string_view const bytes{*parts.at(0)};
  auto const end = std::min(bytes.find('\n'), bytes.size() - 1);
  std::istringstream words{std::string{bytes.substr(0, end)}};
  std::string level;
  words >> level >> shape_.inputs >> shape_.hidden >> shape_.classes;
  level_ = level_here(level);
  weights_ = values_of<float>(bytes.substr(end + 1));
}

ballast::Splitter Predict::split() { return std::make_unique<RowSplitter>(source().rows, plan_.batch); }

std::unique_ptr<ballast::Joiner> Predict::join() {
  return std::make_unique<LabelJoiner>(plan_, source().model.classes, source().rows.rows);
}

void Predict::solve(ballast::AttemptContext const&, std::string_view job, ballast::SolutionSink& solution) {
  learn::Matrix rows{0, shape_.inputs, values_of<float>(job)};
  rows.rows = rows.values.size() / rows.columns;
  solution.write(bytes_of(learn::predict(shape_, weights_, rows, level_)));
}

}  // namespace app
