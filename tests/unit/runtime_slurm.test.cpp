// What the batch system tells a job.
#include "ballast/runtime/slurm.hpp"

#include <stdlib.h>

#include "support/catch.hpp"

namespace ballast {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<Duration> time_in(std::string_view text) {
  auto const left = parse_time_left(text);
  if (auto const* const time = std::get_if<Duration>(&left)) return *time;
  return {};
}

/// Restored at the end.
class Variable {
 public:
  Variable(char const* name, char const* value) : name_{name} {
    if (auto const* const old = ::getenv(name)) old_ = old;
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }
  Variable(Variable const&) = delete;
  Variable& operator=(Variable const&) = delete;

 private:
  char const* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("the time that squeue prints is read in all its shapes") {
  CHECK(time_in("0:00") == seconds{0});
  CHECK(time_in("1:05") == seconds{65});
  CHECK(time_in("59:59") == minutes{60} - seconds{1});
  CHECK(time_in("1:00:00") == hours{1});
  CHECK(time_in("23:59:59") == hours{24} - seconds{1});
  CHECK(time_in("2-03:04:05") == hours{51} + minutes{4} + seconds{5});
  CHECK(time_in("365-00:00:00") == hours{365 * 24});
  CHECK(time_in("2982616-04:14:00") == hours{100 * 365 * 24});  // more than a clock can count
}

TEST_CASE("what squeue prints for no limit is no limit, and no garbage is taken for a time") {
  CHECK(std::holds_alternative<Unlimited>(parse_time_left("UNLIMITED")));
  for (auto const* const text : {"INVALID", "NOT_SET", "", "5", "-5:00", "1:60", "1:2:3:4", "1:", ":30", "1-", "1-2",
                                 "1-2:03", "1:00 ", "1:-2", "99999999999:00"}) {
    CAPTURE(text);
    CHECK(std::holds_alternative<Untold>(parse_time_left(text)));
  }
}

TEST_CASE("a run leaves a tenth of the time unused, and half a minute at most") {
  CHECK(run_limit_within(seconds{0}) == seconds{0});
  CHECK(run_limit_within(seconds{60}) == seconds{54});
  CHECK(run_limit_within(hours{10}) == hours{10} - seconds{30});
}

TEST_CASE("outside of Slurm there is no limit and no restart") {
  Variable const job{"SLURM_JOB_ID", nullptr};
  CHECK_FALSE(slurm_time_left());
  CHECK(std::get<std::string>(slurm_run_limit()) == "this is no Slurm job");
  CHECK_FALSE(restart_count());
}

TEST_CASE("the first run of a Slurm job is restart 0") {
  Variable const job{"SLURM_JOB_ID", "17"};
  {
    Variable const count{"SLURM_RESTART_COUNT", nullptr};
    CHECK(restart_count() == 0U);
  }
  Variable const count{"SLURM_RESTART_COUNT", "3"};
  CHECK(restart_count() == 3U);
}

TEST_CASE("a Slurm job whose squeue cannot be asked has no limit, and says why") {
  Variable const job{"SLURM_JOB_ID", "17"};
  Variable const path{"PATH", "/nowhere"};
  CHECK(std::get<std::string>(slurm_run_limit()) == "squeue does not tell the time left");
}

TEST_CASE("what is no job id never reaches a shell") {
  Variable const job{"SLURM_JOB_ID", "17; touch /"};
  CHECK_FALSE(slurm_time_left());
}

}  // namespace ballast
