// Slurm: what the batch system tells the job that this process is part of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ballast/core/clock.hpp"

namespace ballast {

/// The job has no time limit.
struct Unlimited {};
/// Nobody told, or nothing that makes sense.
struct Untold {};
using TimeLeft = std::variant<Duration, Unlimited, Untold>;

/// What `squeue -o %L` prints: `59:59`, `1:00:00`, `2-03:04:05`, `UNLIMITED`; anything else (`INVALID` once the time is
/// over, `NOT_SET`) is Untold. Pure.
[[nodiscard]] TimeLeft parse_time_left(std::string_view text);

/// How long a run may take in so much time: a tenth of it, half a minute at most, is left for the start, the last syncs
/// and Slurm's own imprecision. Pure.
[[nodiscard]] Duration run_limit_within(Duration left);

/// Asks squeue, for ten seconds at most; none outside of Slurm.
[[nodiscard]] std::optional<TimeLeft> slurm_time_left();

/// For `--time-limit auto`: the limit, or why there is none.
[[nodiscard]] std::variant<Duration, std::string> slurm_run_limit();

/// How often this job has been requeued: 0 in its first run, none outside of Slurm.
[[nodiscard]] std::optional<unsigned> restart_count();

}  // namespace ballast
