// Lines are gathered and written in blocks: a recording costs the run a microsecond per event.
#include "monitor/recorder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::size_t block = std::size_t{64} << 10;

void make_directory(std::filesystem::path const& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) return;
  throw InputOutputError::from_errno("cannot make " + directory.string(), errno, "give another --record");
}

Descriptor create(std::filesystem::path const& file) {
  Descriptor descriptor{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!descriptor)
    throw InputOutputError::from_errno("cannot record into " + file.string(), errno, "give another --record");
  return descriptor;
}

}  // namespace

Recorder::Recorder(std::filesystem::path const& directory, ScriptHeader const& header, Console& console)
    : console_{console}, file_{directory / "decisions"} {
  make_directory(directory);
  descriptor_ = create(file_);
  buffer_.append(line_of(header)).append("\n");
}

void Recorder::observe(Event const& event, Step const& step, Time now) {
  if (!descriptor_) return;
  if (!begun_) begun_ = now;
  buffer_.append(line_of(event, Time{now - *begun_})).append("\n").append(text_of(step));
  if (buffer_.size() >= block) write();
}

void Recorder::close() {
  if (!descriptor_) return;
  buffer_.append(script_end).append("\n");
  write();
  descriptor_.close();
}

void Recorder::write() {
  try {
    write_all(descriptor_.number(), buffer_);
  } catch (std::system_error const& error) {
    console_.say("the recording in " + file_.string() + " ends here (" + error.code().message() +
                 "); the run goes on without it");
    descriptor_.close();
  }
  buffer_.clear();
}

}  // namespace ballast
