// ZIP (PKWARE's APPNOTE 6.3): a header and bytes for each file, then the directory that names them, then its end.
#include "learn/npz.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast::learn {
namespace {

constexpr std::uint32_t file_mark = 0x04034b50;
constexpr std::uint32_t entry_mark = 0x02014b50;
constexpr std::uint32_t end_mark = 0x06054b50;
constexpr std::size_t file_head = 30;
constexpr std::size_t entry_head = 46;
constexpr std::size_t end_size = 22;
constexpr std::uint16_t version = 20;
constexpr std::uint16_t first_day = 1U << 5U | 1U;  // 1 January 1980: the same model has the same bytes on any day
constexpr std::string_view suffix = ".npy";

std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<Bytef const*>(bytes.data()), bytes.size()));
}

std::uint32_t narrow(std::size_t size) {
  BALLAST_EXPECT(size < std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(size);
}

void halves(ByteWriter& writer, std::initializer_list<std::uint16_t> numbers) {
  for (auto const number : numbers) writer.number(number);
}

/// What both heads of a file have: version, flags, method, time, day, checksum, sizes, length of the name, extras.
void write_common(ByteWriter& writer, std::string_view name, std::string_view bytes) {
  halves(writer, {version, 0, 0, 0, first_day});
  writer.number(checksum_of(bytes));
  writer.number(narrow(bytes.size()));
  writer.number(narrow(bytes.size()));
  halves(writer, {static_cast<std::uint16_t>(name.size()), 0});
}

/// A file as the directory describes it.
struct Entry {
  std::string name;
  std::uint16_t method{};
  std::uint32_t checksum{};
  std::uint32_t size{};
  std::uint32_t offset{};
};

template <class T>
T number_at(std::string_view bytes, std::size_t offset) {
  return ByteReader{bytes.substr(offset)}.number<T>();
}

class NpzReader {
 public:
  NpzReader(std::string const& path, std::string_view bytes) : path_{path}, bytes_{bytes} {}

  NamedArrays read() {
    NamedArrays arrays;
    auto const end = end_of_directory();
    if (!end) refuse("it is no .npz file, or it was cut off");
    auto const count = number_at<std::uint16_t>(bytes_, *end + 10);
    std::size_t at = number_at<std::uint32_t>(bytes_, *end + 16);
    for (std::uint16_t i = 0; i < count; ++i) {
      auto const entry = entry_at(at);
      if (!entry.name.ends_with(suffix)) continue;
      auto const name = entry.name.substr(0, entry.name.size() - suffix.size());
      arrays[name] = read_npy(path_, name, bytes_of(entry));
    }
    return arrays;
  }

 private:
  /// A comment of up to 64 KiB may stand behind it.
  [[nodiscard]] std::optional<std::size_t> end_of_directory() const {
    for (std::size_t back = end_size; back <= bytes_.size() && back <= end_size + 0xffff; ++back)
      if (number_at<std::uint32_t>(bytes_, bytes_.size() - back) == end_mark) return bytes_.size() - back;
    return std::nullopt;
  }

  /// Moves on to the next.
  Entry entry_at(std::size_t& at) const {
    if (at > bytes_.size() || bytes_.size() - at < entry_head || number_at<std::uint32_t>(bytes_, at) != entry_mark)
      refuse("its directory is damaged");
    auto const name_size = number_at<std::uint16_t>(bytes_, at + 28);
    auto const behind_name =
        std::size_t{number_at<std::uint16_t>(bytes_, at + 30)} + number_at<std::uint16_t>(bytes_, at + 32);
    if (bytes_.size() - at < entry_head + name_size + behind_name) refuse("its directory is damaged");
    Entry entry{.name = std::string{bytes_.substr(at + entry_head, name_size)},
                .method = number_at<std::uint16_t>(bytes_, at + 10),
                .checksum = number_at<std::uint32_t>(bytes_, at + 16),
                .size = number_at<std::uint32_t>(bytes_, at + 24),
                .offset = number_at<std::uint32_t>(bytes_, at + 42)};
    at += entry_head + name_size + behind_name;
    return entry;
  }

  [[nodiscard]] std::string_view bytes_of(Entry const& entry) const {
    if (entry.method != 0)
      refuse_model(path_, fmt::format("{} in it is compressed", entry.name), "save it by numpy.savez");
    std::size_t const at = entry.offset;
    if (at > bytes_.size() || bytes_.size() - at < file_head || number_at<std::uint32_t>(bytes_, at) != file_mark)
      refuse(fmt::format("{} is not where its directory says", entry.name));
    auto const begin =
        at + file_head + number_at<std::uint16_t>(bytes_, at + 26) + number_at<std::uint16_t>(bytes_, at + 28);
    if (begin > bytes_.size() || bytes_.size() - begin < entry.size)
      refuse(fmt::format("{} is longer than the file", entry.name));
    auto const bytes = bytes_.substr(begin, entry.size);
    if (checksum_of(bytes) != entry.checksum) refuse(fmt::format("{} has another checksum", entry.name));
    return bytes;
  }

  [[noreturn]] void refuse(std::string_view why) const { refuse_model(path_, why, "copy it or save it again"); }

  std::string const& path_;
  std::string_view bytes_;
};

}  // namespace

void refuse_model(std::string const& path, std::string_view why, std::string_view remedy) {
  throw InputOutputError{"cannot load " + path, why, remedy};
}

std::string npz_of(NamedArrays const& arrays) {
  std::string files;
  std::string directory;
  for (auto const& [name, array] : arrays) {
    auto const file = name + std::string{suffix};
    auto const bytes = npy_of(array);
    ByteWriter head;
    head.number(file_mark);
    write_common(head, file, bytes);
    ByteWriter entry;
    entry.number(entry_mark);
    entry.number(version);
    write_common(entry, file, bytes);
    halves(entry, {0, 0, 0, 0, 0});  // comment, disk, attributes
    entry.number(narrow(files.size()));
    directory.append(entry.take()).append(file);
    files.append(head.take()).append(file).append(bytes);
  }
  auto const count = static_cast<std::uint16_t>(arrays.size());
  ByteWriter end;
  end.number(end_mark);
  halves(end, {0, 0, count, count});
  end.number(narrow(directory.size()));
  end.number(narrow(files.size()));
  halves(end, {0});
  return files + directory + end.take();
}

NamedArrays read_npz(std::string const& path, std::string_view bytes) { return NpzReader{path, bytes}.read(); }

}  // namespace ballast::learn
