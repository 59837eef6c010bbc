// MPI's world under a launcher, a world of one without: who started us is read from the environment.
#include "transport/world.hpp"

#include <fcntl.h>
#include <mpi.h>
#include <unistd.h>

#include <array>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "ballast/core/contract.hpp"
#include "ballast/core/launch.hpp"
#include "transport/wire_mpi.hpp"

namespace ballast {
namespace {

/// Longer than a goodbye takes; one to a dead rank, of which this one may not have heard, takes for ever.
constexpr unsigned seconds_to_leave = 1;
volatile std::sig_atomic_t late_exit_code = 0;

void end_late(int) { _exit(late_exit_code); }

class WorldMpi final : public World {
 public:
  std::uint32_t rank() const override { return static_cast<std::uint32_t>(ranks_.rank()); }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(ranks_.size()); }
  std::unique_ptr<Wire> open_wire() override { return make_wire_mpi(ranks_); }
  void leave(ExitCode exit_code) override {
    if (survives_ranks()) {
      late_exit_code = static_cast<int>(exit_code);
      std::signal(SIGALRM, end_late);
      alarm(seconds_to_leave);
    }
    environment_.reset();
    alarm(0);
  }
  void forsake(ExitCode exit_code) override {
    if (!survives_ranks()) abort(exit_code);
    static_cast<void>(environment_.release());  // its end would be MPI_Finalize
  }
  void abort(ExitCode exit_code) override {
    boost::mpi::environment::abort(static_cast<int>(exit_code));
    std::_Exit(static_cast<int>(exit_code));
  }

 private:
  std::unique_ptr<boost::mpi::environment> environment_ =
      std::make_unique<boost::mpi::environment>(boost::mpi::threading::funneled, /*abort_on_exception=*/true);
  boost::mpi::communicator ranks_;
};

class WorldOfOne final : public World {
 public:
  std::uint32_t rank() const override { return 0; }
  std::uint32_t size() const override { return 1; }
  std::unique_ptr<Wire> open_wire() override {
    BALLAST_EXPECT(size() > 1);
    return {};
  }
  void leave(ExitCode) override {}
  void forsake(ExitCode) override {}
  void abort(ExitCode exit_code) override { std::_Exit(static_cast<int>(exit_code)); }
};

/// A standard stream that is closed would give its number to the next file, and that file the user's data. Opened the
/// wrong way round, it is an error to use it.
void open_standard_streams() {
  for (int const stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0) static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

char const* launcher_rank() {
  for (auto const* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK"})
    if (auto const* rank = std::getenv(name)) return rank;
  return nullptr;
}

}  // namespace

std::unique_ptr<World> join_world() {
  open_standard_streams();
  // A peer that dies must not end us by its broken connection; libraries for RDMA must expect that we fork.
  std::signal(SIGPIPE, SIG_IGN);
  if (launcher_rank() == nullptr) return std::make_unique<WorldOfOne>();
  setenv("RDMAV_FORK_SAFE", "1", /*replace=*/0);
  // A message to a dead rank over TCP slows down all others, unless its failure is looked for at every turn.
  setenv("OMPI_MCA_mpi_event_tick_rate", "1", /*replace=*/0);
  return std::make_unique<WorldMpi>();
}

bool may_oversubscribe() { return std::getenv("OMPI_MCA_rmaps_base_oversubscribe") != nullptr; }

Launcher launched_by() {
  if (std::getenv(launch_variable) != nullptr) return Launcher::ballast;
  if (std::getenv("OMPI_COMM_WORLD_RANK") != nullptr) return Launcher::mpirun;
  return launcher_rank() != nullptr ? Launcher::srun : Launcher::none;
}

bool survives_ranks() {
  auto const launcher = launched_by();
  if (launcher != Launcher::mpirun) return launcher != Launcher::none;
  auto const* const recovery = std::getenv("OMPI_MCA_orte_enable_recovery");
  return recovery != nullptr && std::string_view{recovery} != "0";
}

std::uint32_t launched_rank() {
  auto const* rank = launcher_rank();
  return rank == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(rank, nullptr, 10));
}

std::string mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  std::string const version{text.data(), static_cast<std::size_t>(length)};
  return version.substr(0, version.find(','));
}

}  // namespace ballast
