// Whole reads and writes.
#include "core/descriptor.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ballast {
namespace {

bool (*give_up_when)() = nullptr;

[[noreturn]] void fail(int error) { throw std::system_error{error, std::generic_category()}; }

/// Returns when the call is worth another try.
void expect_passing(int descriptor, short event) {
  if (errno == EINTR && event == POLLIN && give_up_when != nullptr && give_up_when()) fail(EINTR);
  if (errno == EINTR) return;
  if (errno != EAGAIN && errno != EWOULDBLOCK) fail(errno);
  pollfd waiting{descriptor, event, 0};
  if (::poll(&waiting, 1, -1) < 0 && errno != EINTR) fail(errno);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

void Descriptor::close() {
  if (*this) ::close(std::exchange(number_, -1));
}

std::size_t read_some(int descriptor, char* into, std::size_t size) {
  for (;;) {
    auto const got = ::read(descriptor, into, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    expect_passing(descriptor, POLLIN);
  }
}

std::size_t read_at(int descriptor, std::uint64_t offset, char* into, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    auto const got = ::pread(descriptor, into + done, size - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      expect_passing(descriptor, POLLIN);
    } else {
      done += static_cast<std::size_t>(got);
    }
  }
  return done;
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0) {
      expect_passing(descriptor, POLLOUT);
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }
}

void write_at(int descriptor, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const put = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0) {
      expect_passing(descriptor, POLLOUT);
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
  }
}

GiveUpReading::GiveUpReading(bool (*when)()) { give_up_when = when; }
GiveUpReading::~GiveUpReading() { give_up_when = nullptr; }

}  // namespace ballast
