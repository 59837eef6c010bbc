// Learn scene: datasets that are made up, and files of them.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ballast/learn/dataset.hpp"
#include "learn/chance.hpp"

namespace ballast::testing {

/// Classes as clouds around centres of their own: easy to tell apart, and already normalised.
inline learn::Dataset clouds(std::size_t rows, std::uint64_t seed = 1, std::size_t columns = 20,
                             std::size_t classes = 3) {
  learn::Chance centres{99};
  std::vector<double> centre(classes * columns);
  for (auto& value : centre) value = centres.normal();
  learn::Chance chance{seed};
  learn::Matrix features{rows, columns, {}};
  std::vector<float> labels;
  for (std::size_t row = 0; row < rows; ++row) {
    auto const label = row < classes ? row : chance.below(classes);
    labels.push_back(static_cast<float>(label));
    for (std::size_t i = 0; i < columns; ++i)
      features.values.push_back(static_cast<float>(centre[label * columns + i] + 0.5 * chance.normal()));
  }
  return learn::labelled(std::move(features), labels);
}

inline std::string gzipped(std::string_view bytes) {
  z_stream stream{};
  constexpr int with_gzip_head = 16 + MAX_WBITS;
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, with_gzip_head, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  std::string source{bytes};
  stream.next_in = reinterpret_cast<Bytef*>(source.data());
  stream.avail_in = static_cast<uInt>(source.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// A big-endian number.
inline std::string idx_number(std::uint32_t number) {
  std::string bytes;
  for (auto shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(number >> static_cast<unsigned>(shift)));
  return bytes;
}

inline std::string idx_images(std::uint32_t rows, std::uint32_t height, std::uint32_t width, std::string_view pixels) {
  return idx_number(0x0803) + idx_number(rows) + idx_number(height) + idx_number(width) + std::string{pixels};
}

inline std::string idx_labels(std::string_view labels) {
  return idx_number(0x0801) + idx_number(static_cast<std::uint32_t>(labels.size())) + std::string{labels};
}

}  // namespace ballast::testing
