// .hdf5: one matrix of the file, in the layout of ann-benchmarks (train test neighbors distances; attribute distance).
#include <hdf5.h>

#include <optional>
#include <vector>

#include "search/vector_files.hpp"

namespace ballast {
namespace {

/// Something of the HDF5 library that has to be closed.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_{id}, close_{close} {}
  Handle(Handle const&) = delete;
  Handle& operator=(Handle const&) = delete;
  ~Handle() {
    if (*this) close_(id_);
  }
  explicit operator bool() const { return id_ >= 0; }
  [[nodiscard]] hid_t id() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// The library prints what goes wrong unless it is told not to; our errors say it.
hid_t open_quietly(std::string const& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  OpenedFile const there{path};  // for its clearer errors
  return H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
}

VectorElement element_of(std::string const& path, hid_t dataset) {
  Handle const type{H5Dget_type(dataset), H5Tclose};
  auto const size = H5Tget_size(type.id());
  switch (H5Tget_class(type.id())) {
    case H5T_FLOAT:
      return size == 8 ? VectorElement::float64 : VectorElement::float32;
    case H5T_INTEGER:
      return size == 8 ? VectorElement::int64 : size == 1 ? VectorElement::uint8 : VectorElement::int32;
    default:
      throw malformed(path, "its elements are no numbers");
  }
}

std::string text_attribute(hid_t attribute) {
  Handle const type{H5Aget_type(attribute), H5Tclose};
  if (H5Tget_class(type.id()) != H5T_STRING) return {};
  if (H5Tis_variable_str(type.id()) > 0) {
    Handle const memory{H5Tcopy(H5T_C_S1), H5Tclose};
    H5Tset_size(memory.id(), H5T_VARIABLE);
    H5Tset_cset(memory.id(), H5Tget_cset(type.id()));
    char* text = nullptr;
    if (H5Aread(attribute, memory.id(), &text) < 0 || text == nullptr) return {};
    std::string value = text;
    H5free_memory(text);
    return value;
  }
  std::string value(H5Tget_size(type.id()), '\0');
  if (H5Aread(attribute, type.id(), value.data()) < 0) return {};
  value.resize(value.find_last_not_of(std::string_view{"\0 ", 2}) + 1);
  return value;
}

class Hdf5File final : public VectorFile {
 public:
  Hdf5File(std::string path, std::string const& dataset)
      : path_{std::move(path)},
        name_{path_ + "/" + dataset},
        file_{open_quietly(path_), H5Fclose},
        dataset_{file_ ? H5Dopen2(file_.id(), dataset.c_str(), H5P_DEFAULT) : H5I_INVALID_HID, H5Dclose} {
    if (!file_) throw malformed(path_, "it is no HDF5 file, or a damaged one");
    if (!dataset_) throw malformed(path_, "it has no dataset " + dataset);
    Handle const space{H5Dget_space(dataset_.id()), H5Sclose};
    if (H5Sget_simple_extent_ndims(space.id()) != 2) throw malformed(name_, "it is no matrix");
    H5Sget_simple_extent_dims(space.id(), shape_, nullptr);
    if (shape_[1] < 1 || shape_[1] > static_cast<hsize_t>(largest_dimension))
      throw malformed(name_, "its dimension is " + std::to_string(shape_[1]));
    element_ = element_of(name_, dataset_.id());
  }

  [[nodiscard]] std::uint64_t rows() const override { return shape_[0]; }
  [[nodiscard]] std::size_t dimension() const override { return shape_[1]; }
  [[nodiscard]] VectorElement element() const override { return element_; }

  void read(std::uint64_t first, std::uint64_t count, std::span<float> into) override {
    read_as(H5T_NATIVE_FLOAT, first, count, into.size(), into.data());
    expect_finite(name_, first, into, dimension());
  }
  void read_ids(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> into) override {
    if (element_ == VectorElement::float32 || element_ == VectorElement::float64) throw holds_floats(name_);
    read_as(H5T_NATIVE_INT64, first, count, into.size(), into.data());
  }

  [[nodiscard]] std::optional<std::string> distance() const override {
    if (H5Aexists(file_.id(), "distance") <= 0) return std::nullopt;
    Handle const attribute{H5Aopen(file_.id(), "distance", H5P_DEFAULT), H5Aclose};
    return attribute ? std::optional{text_attribute(attribute.id())} : std::nullopt;
  }

 private:
  void read_as(hid_t type, std::uint64_t first, std::uint64_t count, std::size_t room, void* into) {
    expect_range(*this, first, count, room);
    if (count == 0) return;
    hsize_t const start[2] = {first, 0};
    hsize_t const extent[2] = {count, shape_[1]};
    Handle const there{H5Dget_space(dataset_.id()), H5Sclose};
    Handle const here{H5Screate_simple(2, extent, nullptr), H5Sclose};
    auto const chosen = H5Sselect_hyperslab(there.id(), H5S_SELECT_SET, start, nullptr, extent, nullptr);
    if (chosen < 0 || H5Dread(dataset_.id(), type, here.id(), there.id(), H5P_DEFAULT, into) < 0)
      throw malformed(name_,
                      "rows " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
                          " cannot be read: the file is damaged, or packed in a way this HDF5 library cannot read");
  }

  std::string path_;
  std::string name_;  // of the dataset, as the tools of HDF5 write it
  Handle file_;
  Handle dataset_;
  hsize_t shape_[2] = {};
  VectorElement element_{};
};

}  // namespace

std::unique_ptr<VectorFile> make_hdf5_file(std::string const& path, std::string const& dataset) {
  return std::make_unique<Hdf5File>(path, dataset);
}

}  // namespace ballast
