// Channel: what an agent shares with one of its solver processes. Jobs go in, news comes out.
#pragma once

#include <cstdint>

#include "ballast/core/solution.hpp"
#include "ballast/core/solver.hpp"
#include "solver/byte_ring.hpp"
#include "solver/doorbell.hpp"

namespace ballast {

/// A solver gets a channel as new: one that a dead solver has left is made again before its successor is born.
struct Channel {
  ByteRing jobs;     ///< agent → solver: JobHeader, payload
  ByteRing news;     ///< solver → agent: NewsHeader, bytes, reason, diagnostics
  Doorbell solver;   ///< rung by the agent: there is a job, or room for news
  StopRequest stop;  ///< of the attempt that is being made
};

struct JobHeader {
  JobAttempt name;
  std::uint64_t size{};  ///< of the payload that follows
};

enum class NewsKind : std::uint32_t { piece, solved, failed, failed_with_remains };

/// Announces `bytes` of the solution, then a failure's reason, then diagnostics.
struct NewsHeader {
  NewsKind kind{};
  FailureKind failure{};
  std::uint32_t bytes{};
  std::uint32_t reason{};
  std::uint32_t diagnostics{};
  Duration::rep runtime{};
  std::uint32_t accounts{};  ///< 1: `account` was filled in
  Account account{};
};

// What the lengths in a NewsHeader may be.
constexpr std::size_t piece_limit = std::size_t{1} << 20;
constexpr std::size_t reason_limit = std::size_t{4} << 10;
constexpr std::size_t diagnostics_limit = std::size_t{64} << 10;

/// The bytes of a header, as they travel.
template <class Header>
[[nodiscard]] std::string_view bytes_of(Header const& header) {
  static_assert(std::is_trivially_copyable_v<Header>);
  return {reinterpret_cast<char const*>(&header), sizeof header};
}

template <class Header>
[[nodiscard]] std::span<char> room_of(Header& header) {
  static_assert(std::is_trivially_copyable_v<Header>);
  return {reinterpret_cast<char*>(&header), sizeof header};
}

}  // namespace ballast
