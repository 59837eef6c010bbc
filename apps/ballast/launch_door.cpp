// The folder goes as soon as rank 0 has come: whatever happens later, nothing of it is left.
#include "launch_door.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include <ballast/core/error.hpp>
#include <ballast/core/launch.hpp>

namespace app {
namespace {

[[noreturn]] void refuse() {
  throw ballast::InputOutputError::from_errno("cannot make a folder with a socket in it", errno,
                                              "point TMPDIR to a place where this is possible");
}

/// A socket's path may be 107 bytes long.
std::filesystem::path fresh_folder() {
  constexpr std::size_t most = 80;
  auto const* const chosen = std::getenv("TMPDIR");
  std::string const place =
      chosen != nullptr && std::strlen(chosen) > 0 && std::strlen(chosen) < most ? chosen : "/tmp";
  auto name = place + "/ballast-launch-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) refuse();
  return name;
}

bool send_standard_streams(int connection) {
  constexpr std::array<int, 3> streams{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  char byte{};
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof streams)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof streams);
  std::memcpy(CMSG_DATA(header), streams.data(), sizeof streams);
  return ::sendmsg(connection, &message, MSG_NOSIGNAL) == 1;
}

}  // namespace

LaunchDoor::LaunchDoor() : folder_{fresh_folder()} {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const path = socket().string();
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  door_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (door_ >= 0 && ::bind(door_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0 &&
      ::listen(door_, 1) == 0)
    return;
  int const error = errno;
  close_door();
  errno = error;
  refuse();
}

LaunchDoor::~LaunchDoor() {
  close_door();
  if (connection_ >= 0) ::close(connection_);
}

void LaunchDoor::close_door() {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(std::exchange(folder_, {}), ignored);
  if (door_ >= 0) ::close(std::exchange(door_, -1));
}

void LaunchDoor::take() {
  if (connection_ < 0) return let_in();
  ballast::ExitNotice notice;
  auto const size = ::recv(connection_, &notice, sizeof notice, MSG_DONTWAIT);
  if (size == sizeof notice) {
    exit_code_ = notice.exit_code;
    ranks_lost_ = ranks_lost_ || notice.ranks_lost;
  } else if (size >= 0 || (errno != EAGAIN && errno != EINTR)) {
    ::close(std::exchange(connection_, -1));
  }
}

void LaunchDoor::let_in() {
  if (door_ < 0) return;
  int const guest = ::accept4(door_, nullptr, nullptr, SOCK_CLOEXEC);
  if (guest < 0) return;
  ucred credentials{};
  socklen_t size = sizeof credentials;
  bool const known = ::getsockopt(guest, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  if (!known || !send_standard_streams(guest)) {
    ::close(guest);
    return;
  }
  connection_ = guest;
  process_ = credentials.pid;
  close_door();
}

}  // namespace app
