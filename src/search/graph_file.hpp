// Graph file: an HNSW graph on disk, in one piece, with a digest of all of it at its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ballast/core/digest.hpp"
#include "ballast/search/hnsw_index.hpp"
#include "core/descriptor.hpp"

namespace ballast {

/// What has to be known before the first row. Numbers on disk are little-endian.
struct GraphHeader {
  HnswParameters parameters;
  std::uint64_t first_id{};
  std::uint64_t rows{};
  std::int32_t top_level{};
  std::uint32_t entry_row{};
  std::uint64_t row_bytes{};   ///< of a row in the lowest layer: links, components, label
  std::uint64_t link_bytes{};  ///< of a row's links in one upper layer
};

/// Writes beside the path, which appears with finish().
class GraphWriter {
 public:
  explicit GraphWriter(std::string path);
  GraphWriter(GraphWriter const&) = delete;
  GraphWriter& operator=(GraphWriter const&) = delete;
  ~GraphWriter();

  void begin(GraphHeader const& header);
  void write(void const* bytes, std::size_t size);
  void finish();

 private:
  [[nodiscard]] std::string partial() const { return path_ + ".partial"; }
  void append(std::string_view bytes);
  [[noreturn]] void fail(int error) const;

  std::string path_;
  Descriptor file_;
  RunningDigest digest_;
};

/// Reads a file through once to see that it is whole, and then from its beginning.
class GraphReader {
 public:
  /// Throws InputOutputError if this is no graph, or not as it was written.
  explicit GraphReader(std::string path);

  [[nodiscard]] GraphHeader const& header() const { return header_; }
  void read(void* into, std::size_t size);
  [[nodiscard]] std::uint64_t left() const { return end_ - at_; }
  /// Throws InputOutputError if something in the file contradicts something else.
  void expect(bool holds) const;

 private:
  void check_digest();
  void read_header();
  void read_at_place(void* into, std::size_t size);
  [[noreturn]] void refuse(std::string_view why) const;

  std::string path_;
  Descriptor file_;
  std::uint64_t at_ = 0;
  std::uint64_t end_ = 0;  // of what the digest covers
  GraphHeader header_;
};

}  // namespace ballast
