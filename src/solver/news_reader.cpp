// Header first, then as many bytes as it announces.
#include "solver/news_reader.hpp"

#include <utility>

namespace ballast {

void NewsReader::begin_body() {
  bool const makes_sense = header_.kind <= NewsKind::failed_with_remains && header_.failure <= FailureKind::timed_out &&
                           header_.bytes <= piece_limit && header_.reason <= reason_limit &&
                           header_.diagnostics <= diagnostics_limit;
  if (!makes_sense) throw TornChannel{};
  body_.resize(std::size_t{header_.bytes} + header_.reason + header_.diagnostics);
  body_read_ = 0;
}

std::optional<NewsMessage> NewsReader::next(ByteRing& ring) {
  if (header_read_ < sizeof header_) {
    header_read_ += ring.read(room_of(header_).subspan(header_read_));
    if (header_read_ < sizeof header_) return {};
    begin_body();
  }
  body_read_ += ring.read(std::span{body_}.subspan(body_read_));
  if (body_read_ < body_.size()) return {};
  header_read_ = 0;
  NewsMessage message{header_,
                      {},
                      body_.substr(header_.bytes, header_.reason),
                      body_.substr(std::size_t{header_.bytes} + header_.reason)};
  body_.resize(header_.bytes);
  message.bytes = std::exchange(body_, {});
  return message;
}

}  // namespace ballast
