// The disk that other tests stand on forgets what was not synced, and only that.
#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/memory_storage.hpp"

using namespace ballast;
using namespace ballast::testing;

namespace {

std::string all_of(Storage const& storage, std::string const& name) {
  return storage.exists(name) ? storage.read(name, 0, 1000) : "absent";
}

}  // namespace

TEST_CASE("in a crash of the memory disk, bytes and names that were not synced are lost, but for what is kept") {
  MemoryStorage storage;
  auto const old = storage.append_to("old");
  old->append("synced");
  old->sync();
  storage.sync_names();
  old->append("1234");
  storage.append_to("new")->append("x");
  storage.rename("old", "renamed");
  auto other_handle = storage;
  CHECK(all_of(other_handle, "renamed") == "synced1234");
  auto const names = GENERATE(KeepNames::synced, KeepNames::all);
  storage.crash([](std::uint64_t unsynced) { return unsynced / 2; }, names);
  CHECK_THROWS_AS(other_handle.exists("old"), Crashed);
  other_handle.restart();
  auto const synced = names == KeepNames::synced;
  CHECK(all_of(storage, "old") == (synced ? "synced12" : "absent"));
  CHECK(all_of(storage, "renamed") == (synced ? "absent" : "synced12"));
  CHECK(all_of(storage, "new") == (synced ? "absent" : ""));
  CHECK_THROWS_AS(old->append("more"), Crashed);
}

TEST_CASE("the memory disk fails at the call that was named, in the way that was named") {
  MemoryStorage storage;
  auto const file = storage.append_to("file");
  storage.fail_at(2, Fault::no_space);
  CHECK_THROWS_AS(file->append("1234"), InputOutputError);
  CHECK(all_of(storage, "file") == "12");
  storage.fail_at(3, Fault::crash_between);
  CHECK_THROWS_AS(file->append("5678"), Crashed);
  CHECK_THROWS_AS(storage.sync_names(), Crashed);
  storage.restart();
  CHECK(all_of(storage, "file") == "1256");
  storage.fail_at(4, Fault::crash_before);
  CHECK_THROWS_AS(storage.remove("file"), Crashed);
  storage.restart();
  CHECK(all_of(storage, "file") == "1256");
  CHECK(storage.calls() == 4);
  storage.set_read_only();
  CHECK_THROWS_AS(storage.truncate("file", 0), InputOutputError);
}
