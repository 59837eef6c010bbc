// What the parts of a channel owe to both their sides.
#include <array>
#include <cstring>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "solver/byte_ring.hpp"
#include "solver/doorbell.hpp"
#include "solver/news_reader.hpp"
#include "solver/running_attempt.hpp"
#include "solver/text_tail.hpp"
#include "support/catch.hpp"

using namespace ballast;

namespace {

std::string drain(ByteRing& ring, std::size_t most) {
  std::string bytes(most, '\0');
  bytes.resize(ring.read(bytes));
  return bytes;
}

void put(ByteRing& ring, NewsHeader const& header, std::string_view body) {
  CHECK(ring.write(bytes_of(header)) == sizeof header);
  CHECK(ring.write(body) == body.size());
}

}  // namespace

TEST_CASE("bytes leave the ring as they entered it, wherever it wraps") {
  auto const ring = std::make_unique<ByteRing>();
  std::mt19937 random{1};
  std::string in, out;
  while (in.size() < 5 * ByteRing::capacity) {
    std::string part(random() % 100'000, static_cast<char>('a' + random() % 26));
    part.resize(ring->write(part));
    in += part;
    out += drain(*ring, random() % 100'000);
  }
  out += drain(*ring, ByteRing::capacity);
  CHECK(out == in);
  CHECK(ring->empty());
}

TEST_CASE("a full ring takes nothing and an empty one gives nothing") {
  auto const ring = std::make_unique<ByteRing>();
  CHECK(drain(*ring, 10).empty());
  CHECK(ring->write(std::string(ByteRing::capacity + 5, 'x')) == ByteRing::capacity);
  CHECK(ring->write("y") == 0);
  CHECK(drain(*ring, 3) == "xxx");
  CHECK(ring->write("yyyy") == 3);
}

TEST_CASE("a ring whose counts were overwritten is refused by both sides") {
  auto const ring = std::make_unique<ByteRing>();
  std::memset(static_cast<void*>(ring.get()), 0xff, 8);
  std::string room(10, '\0');
  CHECK_THROWS_AS(ring->read(room), TornChannel);
  CHECK_THROWS_AS(ring->write("x"), TornChannel);
}

TEST_CASE("no ring of a doorbell is lost, however the two sides are held up") {
  constexpr Doorbell::Count rounds = 30'000;
  constexpr int pairs = 3;  // more threads than the machine likes, so that they are
  std::vector<std::array<Doorbell, 2>> bells(pairs);
  auto const pass_on = [](Doorbell& mine, Doorbell& other, Doorbell::Count first) {
    for (auto round = first; round < rounds; ++round) {
      for (auto seen = mine.count(); seen < round; seen = mine.count()) mine.wait(seen, std::chrono::seconds{30});
      other.ring();
    }
  };
  auto const begin = Clock::now();
  std::vector<std::thread> threads;
  for (auto& [ping, pong] : bells) {
    threads.emplace_back(pass_on, std::ref(ping), std::ref(pong), 1);
    threads.emplace_back(pass_on, std::ref(pong), std::ref(ping), 0);
  }
  for (auto& thread : threads) thread.join();
  CHECK(Clock::now() - begin < std::chrono::seconds{30});
}

TEST_CASE("a wait for a bell that has rung already does not sleep") {
  Doorbell bell;
  auto const seen = bell.count();
  bell.ring();
  auto const begin = Clock::now();
  bell.wait(seen, std::chrono::seconds{20});
  CHECK(Clock::now() - begin < std::chrono::seconds{10});
}

TEST_CASE("a message comes out whole or not at all") {
  auto const ring = std::make_unique<ByteRing>();
  NewsReader reader;
  NewsHeader const header{.kind = NewsKind::failed,
                          .failure = FailureKind::crashed,
                          .bytes = 2,
                          .reason = 3,
                          .diagnostics = 4,
                          .runtime = 5};
  std::string const whole = std::string{bytes_of(header)} + "ab" + "why" + "text";
  for (std::size_t sent = 0; sent < whole.size(); ++sent) {
    CHECK_FALSE(reader.next(*ring));
    CHECK(ring->write(whole.substr(sent, 1)) == 1);
  }
  auto const message = reader.next(*ring);
  REQUIRE(message);
  CHECK(message->bytes == "ab");
  CHECK(message->reason == "why");
  CHECK(message->diagnostics == "text");
  CHECK(message->header.runtime == 5);
}

TEST_CASE("lengths and kinds beyond their limits are refused before memory is taken") {
  NewsHeader const good{.kind = NewsKind::solved};
  auto bad = GENERATE_COPY(as<NewsHeader>{}, NewsHeader{.kind = static_cast<NewsKind>(4)},
                           NewsHeader{.failure = static_cast<FailureKind>(77)}, NewsHeader{.bytes = 0xffff'ffff},
                           NewsHeader{.bytes = piece_limit + 1}, NewsHeader{.reason = reason_limit + 1},
                           NewsHeader{.diagnostics = diagnostics_limit + 1});
  auto const ring = std::make_unique<ByteRing>();
  NewsReader reader;
  put(*ring, good, "");
  put(*ring, bad, "");
  CHECK(reader.next(*ring));
  CHECK_THROWS_AS(reader.next(*ring), TornChannel);
}

TEST_CASE("of a long text the tail stays, whatever the parts it came in") {
  auto const part = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{100});
  std::string text;
  for (int number = 0; number < 50; ++number) text += std::to_string(number);
  TextTail tail{10};
  for (std::size_t begin = 0; begin < text.size(); begin += part)
    tail.append(std::string_view{text}.substr(begin, part));
  CHECK(tail.take() == text.substr(text.size() - 10));
  CHECK(tail.take().empty());
}

TEST_CASE("one call takes some of the news that has come, and says that there is more") {
  auto const channel = std::make_unique<Channel>();
  RunningAttempt attempt{Job{{JobId{1}, Attempt{1}}, Digest{2}, "job"}, Time{}, *channel};
  for (int piece = 0; piece < 6; ++piece) put(channel->news, {.kind = NewsKind::piece, .bytes = 1}, "x");
  put(channel->news, {.kind = NewsKind::solved}, "");
  std::vector<News> news;
  CHECK(attempt.collect(news) == RunningAttempt::Progress::more);
  CHECK(news.size() == 4);
  CHECK(attempt.collect(news) == RunningAttempt::Progress::finished);
  CHECK(news.size() == 7);
  CHECK(attempt.collect(news) == RunningAttempt::Progress::waiting);
}

TEST_CASE("a job that is larger than the ring is handed over as the solver takes it") {
  auto const channel = std::make_unique<Channel>();
  std::string const payload(ByteRing::capacity + 100, 'j');
  RunningAttempt attempt{Job{{JobId{1}, Attempt{1}}, Digest{2}, payload}, Time{}, *channel};
  auto const rings = channel->solver.count();
  attempt.feed();
  attempt.feed();
  CHECK(channel->solver.count() == rings + 1);  // nothing new the second time
  auto taken = drain(channel->jobs, ByteRing::capacity);
  attempt.feed();
  taken += drain(channel->jobs, ByteRing::capacity);
  CHECK((taken.substr(sizeof(JobHeader)) == payload));
}
