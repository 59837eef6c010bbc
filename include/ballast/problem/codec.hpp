// Codec: a value as the bytes of a payload, and back. A std::string is its own bytes; all else goes by
// Boost.Serialization.
#pragma once

#include <boost/archive/binary_iarchive_impl.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/archive/detail/register_archive.hpp>
#include <boost/archive/impl/archive_serializer_map.ipp>
#include <boost/archive/impl/basic_binary_iarchive.ipp>
#include <boost/archive/impl/basic_binary_iprimitive.ipp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>
#include <concepts>
#include <streambuf>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ballast/core/error.hpp"
#include "ballast/core/payload.hpp"

namespace ballast {
namespace detail {

constexpr unsigned bare_archive = boost::archive::no_header | boost::archive::no_codecvt;

[[noreturn]] inline void malformed() {
  throw boost::archive::archive_exception{boost::archive::archive_exception::input_stream_error};
}

/// Appends what is written to a payload.
class PayloadSink final : public std::streambuf {
 public:
  explicit PayloadSink(Payload& bytes) : bytes_{bytes} {}

 protected:
  std::streamsize xsputn(char const* from, std::streamsize count) override {
    bytes_.append(from, static_cast<std::size_t>(count));
    return count;
  }
  int_type overflow(int_type byte) override {
    bytes_.push_back(traits_type::to_char_type(byte));
    return byte;
  }

 private:
  Payload& bytes_;
};

/// Reads bytes where they are.
class PayloadSource final : public std::streambuf {
 public:
  explicit PayloadSource(std::string_view bytes) {
    auto* const begin = const_cast<char*>(bytes.data());  // never written to: there is no overflow() here
    setg(begin, begin, begin + bytes.size());
  }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(egptr() - gptr()); }
};

/// The binary archive of Boost, with lengths checked against the bytes that are there before memory is taken.
class CheckedArchive final : public boost::archive::binary_iarchive_impl<CheckedArchive, char, std::char_traits<char>> {
  using Base = boost::archive::binary_iarchive_impl<CheckedArchive, char, std::char_traits<char>>;

 public:
  explicit CheckedArchive(PayloadSource& source) : Base{source, bare_archive}, source_{source} {}

  using Base::load;
  template <class T>
  void load_override(T& value) {
    Base::load_override(value);
  }
  void load_override(boost::serialization::collection_size_type& count) {
    Base::load_override(count);
    expect_left(static_cast<std::size_t const&>(count));
  }
  void load(bool& value) {
    unsigned char byte{};
    Base::load(byte);
    value = byte != 0;
  }
  void load(std::string& value) {
    std::size_t size{};
    Base::load(size);
    expect_left(size);
    value.resize(size);
    load_binary(value.data(), size);
  }

 private:
  /// An element takes a byte or more; containers of empty objects may have up to a thousand.
  void expect_left(std::size_t count) const {
    if (count > source_.left() && count > 1024) malformed();
  }

  PayloadSource& source_;
};

template <class T>
void load(std::string_view bytes, T& value) {
  PayloadSource source{bytes};
  CheckedArchive{source} >> value;
  if (source.left() != 0) malformed();
}

}  // namespace detail

/// The bytes of a value. Both ends must be the same build on the same kind of machine.
/// A type of the author's own is cheapest as `object_serializable` and `track_never` (Boost's class traits).
template <class T>
[[nodiscard]] Payload encode(T&& value) {
  if constexpr (std::same_as<std::remove_cvref_t<T>, std::string>) {
    return std::forward<T>(value);
  } else {
    Payload bytes;
    detail::PayloadSink sink{bytes};
    boost::archive::binary_oarchive{sink, detail::bare_archive} << std::as_const(value);
    return bytes;
  }
}

/// The value of these bytes. Throws EngineError when they are not what encode() makes of a T; memory is taken only for
/// what the bytes can hold.
template <class T>
[[nodiscard]] T decode(std::string_view bytes) {
  if constexpr (std::same_as<T, std::string>) {
    return T{bytes};
  } else {
    try {
      T value{};
      detail::load(bytes, value);
      return value;
    } catch (boost::archive::archive_exception const& error) {
      throw EngineError{"cannot decode a value", error.what(), "check that all ranks run the same build"};
    }
  }
}

/// The same for bytes that are not needed any more.
template <class T>
[[nodiscard]] T decode(Payload&& bytes) {
  if constexpr (std::same_as<T, std::string>) {
    return std::move(bytes);
  } else {
    return decode<T>(std::string_view{bytes});
  }
}

}  // namespace ballast

BOOST_SERIALIZATION_REGISTER_ARCHIVE(ballast::detail::CheckedArchive)
BOOST_SERIALIZATION_USE_ARRAY_OPTIMIZATION(ballast::detail::CheckedArchive)
