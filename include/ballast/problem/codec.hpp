// Codec: a value as the bytes of a payload, and back. A std::string is its own bytes; all else goes by Boost.Serialization.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ballast/core/payload.hpp"
#include "ballast/problem/detail/archive.hpp"

namespace ballast {

/// The bytes of a value. Both ends must be the same build on the same kind of machine.
/// A type of the author's own that is only ever carried whole is cheapest with
/// `BOOST_CLASS_IMPLEMENTATION(T, boost::serialization::object_serializable)` and
/// `BOOST_CLASS_TRACKING(T, boost::serialization::track_never)`.
template <class T>
[[nodiscard]] Payload encode(T&& value) {
  if constexpr (std::same_as<std::remove_cvref_t<T>, std::string>) {
    return std::forward<T>(value);
  } else {
    Payload bytes;
    detail::save(bytes, std::as_const(value));
    return bytes;
  }
}

/// The value of these bytes. Throws EngineError when they are not exactly what encode() makes of a T; memory is taken
/// only for what the bytes can hold.
template <class T>
[[nodiscard]] T decode(std::string_view bytes) {
  if constexpr (std::same_as<T, std::string>) {
    return T{bytes};
  } else {
    T value{};
    detail::load(bytes, value);
    return value;
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
