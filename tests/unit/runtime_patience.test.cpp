// How long a rank sleeps between two looks at the wire.
#include "runtime/patience.hpp"

#include "support/catch.hpp"

namespace ballast {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Patience with_lead(Duration lead) {
  Patience patience{Spin::never};
  for (int i = 0; i < 200; ++i) patience.lead(lead);
  return patience;
}

}  // namespace

TEST_CASE("without a lead a rank sleeps longer the longer nothing comes, a millisecond at most") {
  Patience patience{Spin::never};
  Time const start{seconds{5}};
  patience.arrived(start);
  CHECK(patience.nap(start) == microseconds{50});
  CHECK(patience.nap(start + milliseconds{2}) == microseconds{500});
  CHECK(patience.nap(start + seconds{2}) == milliseconds{1});
}

TEST_CASE("a rank sleeps for half of the work that others have ahead of them") {
  auto const nap = with_lead(milliseconds{4}).nap(Time{seconds{1}});
  CHECK(nap > microseconds{1900});
  CHECK(nap <= milliseconds{2});
}

TEST_CASE("however long the jobs, a rank looks at the wire every 5 ms, and however short, not without pause") {
  CHECK(with_lead(seconds{60}).nap(Time{seconds{1}}) == milliseconds{5});
  CHECK(with_lead(microseconds{80}).nap(Time{seconds{1}}) == microseconds{50});
}

TEST_CASE("a rank with a core of its own looks without sleeping, but only for a moment") {
  Patience patience{Spin::briefly};
  Time const start{seconds{5}};
  patience.arrived(start);
  CHECK(patience.nap(start + microseconds{49}) == Duration{0});
  CHECK(patience.nap(start + microseconds{51}) > Duration{0});
}

}  // namespace ballast
