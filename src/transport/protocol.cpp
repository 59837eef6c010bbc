// Each message's fields are listed once, in fields(); writing and reading walk the same list.
#include "transport/protocol.hpp"

#include <type_traits>
#include <utility>

#include "core/bytes.hpp"

namespace ballast {
namespace {

template <class M, class T>
concept Is = std::is_same_v<std::remove_const_t<M>, T>;

void fields(auto& b, Is<JobAttempt> auto& m) { b(m.job, m.attempt); }
void fields(auto& b, Is<Failure> auto& m) { b(m.kind, m.reason, m.diagnostics); }
void fields(auto& b, Is<Started> auto& m) { b(m.name); }
void fields(auto& b, Is<Piece> auto& m) { b(m.name, m.bytes); }
void fields(auto& b, Is<Account> auto& m) { b(m.began, m.cpu, m.peak_memory, m.printed, m.exit_value, m.signal); }
void fields(auto& b, Is<Solved> auto& m) { b(m.name, m.digest, m.runtime, m.bytes, m.diagnostics, m.account); }
void fields(auto& b, Is<Failed> auto& m) { b(m.name, m.runtime, m.failure, m.account, m.remains); }
void fields(auto& b, Is<JobPiece> auto& m) { b(m.name, m.digest, m.size, m.bytes); }

void fields(auto& b, Is<StatePart> auto& m) { b(m.digest, m.size); }

void fields(auto& b, Is<Begin> auto& m) {
  b(m.run, m.build, m.arguments, m.directory, m.variables, m.host, m.process, m.lease, m.state, m.call);
}
void fields(auto& b, Is<Needs> auto& m) { b(m.run, m.call, m.parts); }
void fields(auto& b, Is<StatePiece> auto& m) { b(m.run, m.part, m.bytes); }
void fields(auto& b, Is<Ready> auto& m) { b(m.run, m.solvers, m.cpus, m.host, m.inside, m.call); }
void fields(auto& b, Is<Refused> auto& m) { b(m.run, m.kind, m.host, m.reason); }
void fields(auto& b, Is<Jobs> auto& m) { b(m.run, m.round, m.state, m.pieces); }
void fields(auto& b, Is<Report> auto& m) { b(m.run, m.taken, m.news); }
void fields(auto& b, Is<Recall> auto& m) { b(m.run, m.count); }
void fields(auto& b, Is<Released> auto& m) { b(m.run, m.taken, m.names); }
void fields(auto& b, Is<Cancel> auto& m) { b(m.run, m.name); }
void fields(auto& b, Is<Limit> auto& m) { b(m.run, m.limit); }
void fields(auto& b, Is<Alive> auto& m) { b(m.run); }
void fields(auto& b, Is<Dismiss> auto& m) { b(m.run); }
void fields(auto& b, Is<Broken> auto& m) { b(m.run, m.reason); }
void fields(auto& b, Is<End> auto& m) { b(m.run, m.exit_code); }
void fields(auto& b, Is<Bye> auto& m) { b(m.run); }

[[noreturn]] void garbage(std::string_view why) {
  throw EngineError{"a message makes no sense", why, "check that all ranks run the same build of ballast"};
}

class Put {
 public:
  explicit Put(ByteWriter& to) : to_{to} {}
  void operator()(auto const&... values) { (one(values), ...); }

 private:
  template <class T>
  void one(T const& value) {
    if constexpr (std::is_arithmetic_v<T>)
      to_.number(value);
    else if constexpr (std::is_enum_v<T>)
      to_.number(static_cast<std::underlying_type_t<T>>(value));
    else
      fields(*this, value);
  }
  template <class Tag, class Value>
  void one(Id<Tag, Value> id) {
    to_.number(id.value());
  }
  void one(Duration duration) { to_.number(static_cast<std::int64_t>(duration.count())); }
  void one(std::string const& text) { to_.text(text); }
  template <class T>
  void one(std::optional<T> const& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  template <class T>
  void one(std::vector<T> const& list) {
    one(static_cast<std::uint64_t>(list.size()));
    for (auto const& item : list) one(item);
  }
  template <class... T>
  void one(std::variant<T...> const& choice) {
    one(static_cast<std::uint8_t>(choice.index()));
    std::visit([this](auto const& chosen) { this->one(chosen); }, choice);
  }

  ByteWriter& to_;
};

class Get {
 public:
  explicit Get(ByteReader& from) : from_{from} {}
  void operator()(auto&... values) { (one(values), ...); }

  template <class... T>
  void one(std::variant<T...>& choice) {
    auto const index = from_.number<std::uint8_t>();
    if (!alternative(choice, index, std::index_sequence_for<T...>{})) garbage("it is of no known kind");
  }

 private:
  template <class T>
  void one(T& value) {
    if constexpr (std::is_arithmetic_v<T>)
      value = from_.number<T>();
    else if constexpr (std::is_enum_v<T>)
      value = static_cast<T>(from_.number<std::underlying_type_t<T>>());
    else
      fields(*this, value);
  }
  void one(bool& value) { value = from_.number<std::uint8_t>() != 0; }
  template <class Tag, class Value>
  void one(Id<Tag, Value>& id) {
    id = Id<Tag, Value>{from_.number<Value>()};
  }
  void one(Duration& duration) { duration = Duration{from_.number<std::int64_t>()}; }
  void one(std::string& text) { text = from_.text(); }
  template <class T>
  void one(std::optional<T>& value) {
    bool present{};
    one(present);
    if (present) one(value.emplace());
  }
  template <class T>
  void one(std::vector<T>& list) {
    // Grown item by item: a count that lies runs out of bytes before it takes memory.
    for (auto count = from_.number<std::uint64_t>(); count > 0; --count) one(list.emplace_back());
  }
  template <class V, std::size_t... I>
  bool alternative(V& choice, std::uint8_t index, std::index_sequence<I...>) {
    return ((I == index && (one(choice.template emplace<I>()), true)) || ...);
  }

  ByteReader& from_;
};

}  // namespace

std::string encode_message(Message const& message) {
  ByteWriter bytes;
  Put put{bytes};
  put(protocol_version, message);
  return bytes.take();
}

Message decode_message(std::string_view frame) {
  ByteReader bytes{frame};
  if (auto const version = bytes.number<std::uint16_t>(); version != protocol_version)
    garbage("it is of protocol version " + std::to_string(version) + ", ours is " + std::to_string(protocol_version));
  Message message;
  Get{bytes}.one(message);
  if (!bytes.at_end()) garbage("it is longer than its kind");
  return message;
}

}  // namespace ballast
