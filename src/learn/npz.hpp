// .npz: named arrays of float32 as NumPy saves them, each an .npy file in a ZIP archive that is not compressed.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::learn {

struct NamedArray {
  std::vector<std::size_t> shape;  ///< in C order
  std::vector<float> values;
};

using NamedArrays = std::map<std::string, NamedArray, std::less<>>;

/// The bytes of an archive, which depend on the arrays only. It must stay below 4 GiB.
[[nodiscard]] std::string npz_of(NamedArrays const& arrays);

/// Throws InputOutputError, which names the file and what is wrong with it.
[[nodiscard]] NamedArrays read_npz(std::string const& path, std::string_view bytes);

/// The same for one array.
[[nodiscard]] std::string npy_of(NamedArray const& array);
[[nodiscard]] NamedArray read_npy(std::string const& path, std::string const& name, std::string_view bytes);

/// Throws InputOutputError: `cannot load PATH (why); what to do`.
[[noreturn]] void refuse_model(std::string const& path, std::string_view why, std::string_view remedy);

}  // namespace ballast::learn
