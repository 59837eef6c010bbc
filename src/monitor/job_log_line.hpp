// Job log line: what the writer and the reader of a job log agree on.
#pragma once

#include <string_view>

namespace ballast {

constexpr std::string_view job_log_header = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand";

/// Added to a line that a crash has torn, as it is ended.
constexpr std::string_view torn_mark = "\t[torn]";

/// Stands for a newline in a command, as GNU parallel has it: a command cannot have one of these.
constexpr char newline_stand_in = '\0';

}  // namespace ballast
