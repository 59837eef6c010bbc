// One file without a name, in which every shard has a place that is larger than any; what is not written takes nothing.
#include "shard_keeper.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include <ballast/core/error.hpp>

namespace app {
namespace {

constexpr std::uint64_t place_size = std::uint64_t{1} << 40U;
constexpr std::uint64_t head_size = 64;  // the count of the bytes behind it, written last

[[noreturn]] void refuse(int error) {
  throw ballast::InputOutputError::from_errno("there is no memory to keep a shard in", error,
                                              "give this node more memory, or smaller shards");
}

off_t place_of(std::uint32_t shard) { return static_cast<off_t>(shard * place_size); }

void write_at(int file, std::string_view bytes, off_t place) {
  while (!bytes.empty()) {
    auto const count = ::pwrite(file, bytes.data(), bytes.size(), place);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) refuse(errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    place += count;
  }
}

}  // namespace

ShardKeeper::ShardKeeper(std::uint32_t shards) : file_{::memfd_create("ballast-shards", MFD_CLOEXEC)} {
  if (file_ < 0) refuse(errno);
  if (::ftruncate(file_, place_of(shards)) != 0) {
    auto const error = errno;
    ::close(file_);
    refuse(error);
  }
}

ShardKeeper::~ShardKeeper() {
  for (auto const& [shard, mapping] : mappings_) ::munmap(mapping.begin, mapping.size);
  ::close(file_);
}

std::string_view ShardKeeper::find(std::uint32_t shard, std::function<ballast::Payload()> const& make) {
  auto& mapping = mappings_[shard];
  if (mapping.begin == nullptr) {
    if (size_of(shard) == 0) write(shard, make());
    auto const size = static_cast<std::size_t>(head_size + size_of(shard));
    auto* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file_, place_of(shard));
    if (begin == MAP_FAILED) refuse(errno);
    mapping = {static_cast<char*>(begin), size};
  }
  return {mapping.begin + head_size, mapping.size - head_size};
}

void ShardKeeper::write(std::uint32_t shard, std::string_view bytes) const {
  write_at(file_, bytes, place_of(shard) + static_cast<off_t>(head_size));
  std::uint64_t const size = bytes.size();
  write_at(file_, {reinterpret_cast<char const*>(&size), sizeof size}, place_of(shard));
}

std::uint64_t ShardKeeper::size_of(std::uint32_t shard) const {
  std::uint64_t size{};
  if (::pread(file_, &size, sizeof size, place_of(shard)) != sizeof size) refuse(errno);
  return size;
}

}  // namespace app
