// The line between rank 0 and `ballast launch`, with a launcher that the test plays.
#include "runtime/launcher_link.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "ballast/core/launch.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace ballast {
namespace {

/// launch's side: listens, takes one connection, sends descriptors.
class Door {
 public:
  explicit Door(std::string const& path) : door_{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(door_.number(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    REQUIRE(::listen(door_.number(), 1) == 0);
  }

  void accept() { rank_ = Descriptor{::accept(door_.number(), nullptr, nullptr)}; }
  void hang_up() { rank_.close(); }

  void hand_over(int stream) {
    char byte{};
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &stream, sizeof stream);
    REQUIRE(::sendmsg(rank_.number(), &message, MSG_NOSIGNAL) == 1);
  }

  /// The exit code that was told; -1 after the end of the connection.
  [[nodiscard]] int hear() {
    ExitNotice notice{};
    return ::recv(rank_.number(), &notice, sizeof notice, 0) == sizeof notice ? notice.exit_code : -1;
  }

 private:
  Descriptor door_;
  Descriptor rank_;
};

struct LinkScene {
  testing::TemporaryFolder folder;
  std::string path{(folder.path() / "door").string()};
  Door door{path};
  std::optional<LauncherLink> link{LauncherLink::connect(path)};

  LinkScene() {
    REQUIRE(link);
    door.accept();
  }
};

}  // namespace

TEST_CASE("rank 0 writes to the stream that launch has handed over") {
  LinkScene scene;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Descriptor const reader{ends[0]};
  scene.door.hand_over(ends[1]);
  ::close(ends[1]);
  Descriptor const place{::dup(STDERR_FILENO)};
  REQUIRE(scene.link->take_streams(std::array{place.number()}));
  write_all(place.number(), "x");
  char byte{};
  CHECK(read_some(reader.number(), &byte, 1) == 1);
  CHECK(byte == 'x');
}

TEST_CASE("launch hears every exit code of rank 0, and its end") {
  LinkScene scene;
  scene.link->tell({75});
  scene.link->tell({3});
  CHECK(scene.door.hear() == 75);
  CHECK(scene.door.hear() == 3);
  scene.link.reset();
  CHECK(scene.door.hear() == -1);
}

TEST_CASE("a launch that has gone neither blocks nor kills rank 0") {
  LinkScene scene;
  scene.door.hang_up();
  CHECK_FALSE(scene.link->take_streams({}));
  scene.link->tell({0});
}

TEST_CASE("the end of launch is a signal to rank 0, and nothing that it says or hears before") {
  LinkScene scene;
  sigset_t awaited;
  sigset_t before;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGUSR2);
  ::pthread_sigmask(SIG_BLOCK, &awaited, &before);
  timespec const at_once{};
  timespec const patience{.tv_sec = 5, .tv_nsec = 0};
  scene.link->raise_at_end(SIGUSR2);
  scene.link->tell({0});
  CHECK(scene.door.hear() == 0);
  CHECK(::sigtimedwait(&awaited, nullptr, &at_once) == -1);
  scene.door.hang_up();
  CHECK(::sigtimedwait(&awaited, nullptr, &patience) == SIGUSR2);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("where nobody listens there is no link") {
  testing::TemporaryFolder folder;
  CHECK_FALSE(LauncherLink::connect((folder.path() / "door").string()));
  CHECK_FALSE(LauncherLink::connect(""));
  CHECK_FALSE(LauncherLink::connect(std::string(200, 'x')));
}

}  // namespace ballast
