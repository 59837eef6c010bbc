// Failure log: failed attempts in the user's words: what is said at once, and what at the end.
#pragma once

#include <cstdint>
#include <string_view>

#include "ballast/runtime/options.hpp"
#include "ballast/runtime/report.hpp"
#include "monitor/console.hpp"

namespace ballast {

/// Says what deserves it and spares the user the thousandth repetition. Borrows the console.
class FailureLog {
 public:
  FailureLog(Console& console, Verbosity verbosity) : console_{console}, verbosity_{verbosity} {}
  /// What the first job is called; 0 unless told otherwise.
  void count_from(std::uint64_t first_number) { first_number_ = first_number; }

  /// What an attempt that succeeded has printed on stderr.
  void printed(JobAttempt name, std::string const& diagnostics);
  void retried(NodeId node, Failed const& failed);
  /// `command` is the one that the job is, or nothing.
  void given_up(NodeId node, std::uint32_t failures, Failed&& failed, std::string_view command, RunReport& report);
  /// The job was given up by an earlier start of the run.
  static void stays_given_up(GivenUp&& job, RunReport& report);
  /// The last word on jobs given up, if there are any.
  void sum_up(RunReport const& report);

 private:
  void show(JobAttempt name, std::string const& diagnostics);
  [[nodiscard]] std::uint64_t number(JobId job) const { return job.value() + first_number_; }

  Console& console_;
  Verbosity verbosity_;
  std::uint64_t first_number_{0};
};

}  // namespace ballast
