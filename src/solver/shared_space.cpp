// Mapping the space, and making what lives in it.
#include "solver/shared_space.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::size_t channels_begin = 4096;  // a page of its own for the agent's doorbell

std::size_t size_with(unsigned channels) { return channels_begin + channels * sizeof(Channel); }

}  // namespace

SharedSpace::SharedSpace(unsigned channels) : channels_{channels} {
  void* const memory = ::mmap(nullptr, size_with(channels), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw EngineError{"cannot share memory with " + std::to_string(channels) + " solver processes",
                      std::strerror(errno), "use fewer --solvers"};
  }
  agent_ = new (memory) Doorbell;
  first_channel_ = reinterpret_cast<Channel*>(static_cast<std::byte*>(memory) + channels_begin);
  for (unsigned index = 0; index < channels; ++index) renew(index);
}

SharedSpace::~SharedSpace() { ::munmap(agent_, size_with(channels_)); }

void SharedSpace::renew(unsigned index) { new (first_channel_ + index) Channel; }

}  // namespace ballast
