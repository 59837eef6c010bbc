// The names of a state's parts.
#include "runtime/state_store.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

std::shared_ptr<Payload const> part(std::string_view bytes) { return std::make_shared<Payload const>(bytes); }

}  // namespace

TEST_CASE("parts have the names of their bytes from run to run, whichever come and go") {
  PartNames names;
  auto const dataset = part("rows");
  auto const first = part("model 1");
  CHECK(names.of({dataset, first}) == std::vector{part_of("rows"), part_of("model 1")});
  CHECK(names.of({dataset, part("model 2")}) == std::vector{part_of("rows"), part_of("model 2")});
  CHECK(names.of({first, part("model 1"), dataset}) ==
        std::vector{part_of("model 1"), part_of("model 1"), part_of("rows")});
  CHECK(names.of({}).empty());
}

}  // namespace ballast
