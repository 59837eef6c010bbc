// Writing and reading graphs.
#include "search/graph_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <vector>

#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast {
namespace {

constexpr std::string_view magic = "BALLHNSW";
constexpr std::uint32_t version = 1;
constexpr std::size_t header_size = 8 + 4 + 4 + 4 * 8 + 4 + 8 + 4 + 4 + 8 + 8;
constexpr std::size_t piece = 1 << 20;

std::string encoded(GraphHeader const& header) {
  auto const& parameters = header.parameters;
  ByteWriter writer;
  writer.number(version);
  writer.number(static_cast<std::uint32_t>(parameters.metric));
  writer.number(std::uint64_t{parameters.dimension});
  writer.number(std::uint64_t{parameters.m});
  writer.number(std::uint64_t{parameters.ef_construction});
  writer.number(header.rows);
  writer.number(parameters.seed);
  writer.number(header.first_id);
  writer.number(header.top_level);
  writer.number(header.entry_row);
  writer.number(header.row_bytes);
  writer.number(header.link_bytes);
  return std::string{magic} + writer.take();
}

/// Behind magic and version.
GraphHeader decoded(ByteReader reader) {
  GraphHeader header;
  header.parameters.metric = static_cast<Metric>(reader.number<std::uint32_t>());
  header.parameters.dimension = reader.number<std::uint64_t>();
  header.parameters.m = reader.number<std::uint64_t>();
  header.parameters.ef_construction = reader.number<std::uint64_t>();
  header.rows = reader.number<std::uint64_t>();
  header.parameters.seed = reader.number<std::uint32_t>();
  header.first_id = reader.number<std::uint64_t>();
  header.top_level = reader.number<std::int32_t>();
  header.entry_row = reader.number<std::uint32_t>();
  header.row_bytes = reader.number<std::uint64_t>();
  header.link_bytes = reader.number<std::uint64_t>();
  return header;
}

}  // namespace

GraphWriter::GraphWriter(std::string path) : path_{std::move(path)} {
  file_ = Descriptor{::open(partial().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!file_) fail(errno);
}

GraphWriter::~GraphWriter() {
  if (file_) ::unlink(partial().c_str());
}

void GraphWriter::begin(GraphHeader const& header) { append(encoded(header)); }

void GraphWriter::write(void const* bytes, std::size_t size) { append({static_cast<char const*>(bytes), size}); }

void GraphWriter::finish() {
  ByteWriter digest;
  digest.number(digest_.value().value());
  append(digest.take());
  if (::fsync(file_.number()) != 0) fail(errno);
  if (std::rename(partial().c_str(), path_.c_str()) != 0) fail(errno);
  file_.close();
}

void GraphWriter::append(std::string_view bytes) {
  digest_.add(bytes);
  try {
    write_all(file_.number(), bytes);
  } catch (std::system_error const& error) {
    fail(error.code().value());
  }
}

void GraphWriter::fail(int error) const {
  throw InputOutputError::from_errno("cannot write the index " + path_, error, "check the folder and its disk");
}

GraphReader::GraphReader(std::string path) : path_{std::move(path)} {
  file_ = Descriptor{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  struct ::stat status {};
  if (!file_ || ::fstat(file_.number(), &status) != 0)
    throw InputOutputError::from_errno("cannot read the index " + path_, errno, "check the path");
  auto const size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  if (size < header_size + sizeof(std::uint64_t)) refuse("it is too short");
  end_ = size - sizeof(std::uint64_t);
  read_header();
  check_digest();
}

void GraphReader::read_header() {
  std::string bytes(header_size, '\0');
  read(bytes.data(), bytes.size());
  if (!bytes.starts_with(magic)) refuse("it is no HNSW index of Ballast");
  ByteReader reader{std::string_view{bytes}.substr(magic.size())};
  if (auto const found = reader.number<std::uint32_t>(); found != version)
    refuse("its format is version " + std::to_string(found) + ", this program knows " + std::to_string(version));
  header_ = decoded(reader);
}

void GraphReader::check_digest() {
  RunningDigest digest;
  std::vector<char> bytes(piece);
  auto const behind_header = std::exchange(at_, 0);
  while (left() > 0) {
    auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(piece, left()));
    read(bytes.data(), size);
    digest.add({bytes.data(), size});
  }
  std::uint64_t written{};
  read_at_place(&written, sizeof written);
  if (written != digest.value().value()) refuse("it is damaged: its digest is another");
  at_ = behind_header;
  expect(header_.parameters.metric <= Metric::cosine && header_.row_bytes > 0);
  expect(header_.rows <= left() / header_.row_bytes && (header_.rows == 0 || header_.entry_row < header_.rows));
}

void GraphReader::read(void* into, std::size_t size) {
  if (size > left()) refuse("it ends too early");
  read_at_place(into, size);
  at_ += size;
}

void GraphReader::read_at_place(void* into, std::size_t size) {
  try {
    if (read_at(file_.number(), at_, static_cast<char*>(into), size) < size) refuse("it ends too early");
  } catch (std::system_error const& error) {
    throw InputOutputError::from_errno("cannot read the index " + path_, error.code().value(), "check the disk");
  }
}

void GraphReader::expect(bool holds) const {
  if (!holds) refuse("its numbers contradict each other");
}

void GraphReader::refuse(std::string_view why) const {
  throw InputOutputError{"cannot use the index " + path_, why, "build it again"};
}

}  // namespace ballast
