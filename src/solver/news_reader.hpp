// News reader: puts a solver's messages together as they come out of its ring.
#pragma once

#include <optional>
#include <string>

#include "solver/channel.hpp"

namespace ballast {

struct NewsMessage {
  NewsHeader header;
  Payload bytes;
  std::string reason;
  std::string diagnostics;
};

class NewsReader {
 public:
  /// The next message, once it is whole. Never waits; checks lengths before it takes memory. Throws TornChannel.
  [[nodiscard]] std::optional<NewsMessage> next(ByteRing& ring);

 private:
  void begin_body();

  NewsHeader header_;
  std::size_t header_read_{};
  std::string body_;
  std::size_t body_read_{};
};

}  // namespace ballast
