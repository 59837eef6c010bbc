// Asking the kernel for CPU masks.
#include "solver/cpu_mask.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace ballast {
namespace {

constexpr std::size_t largest_mask = 64;  // × 1024 CPUs

}  // namespace

CpuMask CpuMask::of_process(pid_t process) {
  CpuMask mask;
  for (std::size_t sets = 1; sets <= largest_mask; sets *= 2) {
    mask.sets_.assign(sets, cpu_set_t{});
    if (::sched_getaffinity(process, sets * sizeof(cpu_set_t), mask.sets_.data()) == 0) return mask;
    if (errno != EINVAL) break;  // EINVAL: the kernel's mask is longer
  }
  return CpuMask{};
}

unsigned CpuMask::count() const {
  if (sets_.empty()) return 0;
  return static_cast<unsigned>(CPU_COUNT_S(sets_.size() * sizeof(cpu_set_t), sets_.data()));
}

void CpuMask::apply() const {
  if (count() > 0) ::sched_setaffinity(0, sets_.size() * sizeof(cpu_set_t), sets_.data());
}

CpuMask allowed_cpus() {
  if (std::getenv("OMPI_COMM_WORLD_LOCAL_RANK") != nullptr) {
    auto launcher = CpuMask::of_process(::getppid());
    if (launcher.count() > 0) return launcher;
  }
  return CpuMask::of_process(0);
}

}  // namespace ballast
