// Two numbers, as text.
#include "shard_jobs.hpp"

#include <fmt/format.h>

#include <sstream>
#include <string>

#include <ballast/core/error.hpp>

namespace app {

ShardJob unpack_shard_job(std::string_view bytes) {
  std::istringstream words{std::string{bytes}};
  ShardJob job;
  if (!(words >> job.round >> job.shard))
    throw ballast::EngineError{"a job names no shard", "", "please report this as a bug of Ballast"};
  return job;
}

ballast::Payload ShardSplitter::read(ballast::JobId id) { return fmt::format("{} {}", round_, id.value()); }

}  // namespace app
