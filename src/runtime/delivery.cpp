// A large solution goes to its own file as it comes in; a small one waits in memory until the journal has it.
#include "runtime/delivery.hpp"

#include <deque>
#include <map>
#include <utility>
#include <variant>

#include "ballast/core/digest.hpp"
#include "journal/group_commit.hpp"

namespace ballast {
namespace {

class DirectDelivery final : public Delivery {
 public:
  explicit DirectDelivery(JoinDesk& desk) : desk_{desk} {}

  void add_piece(JobAttempt name, std::string_view bytes) override { desk_.add_piece(name, bytes); }
  void drop_pieces(JobAttempt name) override { desk_.drop_pieces(name); }
  void accept(Solved&& solved) override { desk_.accept(solved.name, std::move(solved.bytes)); }
  void give_up(Failed const& last, Digest, std::uint32_t) override {
    if (last.remains)
      desk_.accept(last.name, *last.remains);
    else
      desk_.skip(last.name.job);
  }
  bool hand_on() override { return false; }
  bool empty() const override { return true; }
  bool congested() const override { return false; }
  void hurry() override {}
  void flush() override {}

 private:
  JoinDesk& desk_;
};

class DurableDelivery final : public Delivery {
 public:
  DurableDelivery(RunDirectory& directory, JoinDesk& desk)
      : directory_{directory}, desk_{desk}, commit_{JournalWriter{directory.storage()}} {
    for (auto const& record : directory.opening_records()) commit_.add(record);
  }

  void add_piece(JobAttempt name, std::string_view bytes) override {
    auto& apart = apart_[name];
    if (!apart.file) {
      auto const file = solution_file(name);
      if (directory_.storage().exists(file))
        directory_.storage().remove(file);  // of a run that did not live to name it
      apart.file = directory_.storage().append_to(file);
    }
    apart.file->append(bytes);
    apart.digest.add(bytes);
    apart.size += bytes.size();
  }

  void drop_pieces(JobAttempt name) override {
    if (apart_.erase(name) > 0) directory_.storage().remove(solution_file(name));
  }

  void accept(Solved&& solved) override {
    auto const name = solved.name;
    if (belongs_apart(name, solved.bytes)) {
      auto apart = finish_apart(name, solved.bytes);
      SolutionApart const record{name, solved.digest, solved.runtime, apart.size, apart.digest.value()};
      wait(commit_.add(record, std::move(apart.file)), Apart{name, apart.size});
    } else {
      SolutionKept record{name, solved.digest, solved.runtime, std::move(solved.bytes)};
      auto const number = commit_.add(record);
      wait(number, Kept{name, std::move(record.bytes)});
    }
    drop_others(name.job);
  }

  void give_up(Failed const& last, Digest input, std::uint32_t failures) override {
    JobAbandoned record{last.name, input, failures, last.failure.kind, last.failure.reason};
    if (!last.remains) {
      wait(commit_.add(record), Skipped{last.name.job});
    } else if (belongs_apart(last.name, *last.remains)) {
      auto apart = finish_apart(last.name, *last.remains);
      record.printed = PrintedApart{apart.size, apart.digest.value()};
      wait(commit_.add(record, std::move(apart.file)), Apart{last.name, apart.size});
    } else {
      record.printed = *last.remains;
      wait(commit_.add(record), Kept{last.name, *last.remains});
    }
    drop_others(last.name.job);
  }

  bool hand_on() override {
    auto const durable = commit_.durable();
    bool any = false;
    for (; !waiting_.empty() && waiting_.front().first <= durable; any = true) {
      std::visit([this](auto& what) { pass(what); }, waiting_.front().second);
      waiting_.pop_front();
    }
    return any;
  }

  bool empty() const override { return waiting_.empty(); }
  bool congested() const override { return commit_.waiting_bytes() > most_waiting_bytes; }
  void hurry() override { commit_.hurry(); }
  void flush() override { commit_.flush(); }

 private:
  static constexpr std::uint64_t most_waiting_bytes = std::uint64_t{64} << 20;

  struct GrowingFile {
    std::unique_ptr<AppendFile> file;
    RunningDigest digest;
    std::uint64_t size{};
  };
  struct Kept {
    JobAttempt name;
    Payload bytes;
  };
  struct Apart {
    JobAttempt name;
    std::uint64_t size{};
  };
  struct Skipped {
    JobId job;
  };
  using What = std::variant<Kept, Apart, Skipped>;

  bool belongs_apart(JobAttempt name, std::string_view rest) const {
    return apart_.contains(name) || rest.size() > largest_kept;
  }
  GrowingFile finish_apart(JobAttempt name, std::string_view rest) {
    add_piece(name, rest);
    return std::move(apart_.extract(name).mapped());
  }

  void wait(std::uint64_t number, What&& what) { waiting_.emplace_back(number, std::move(what)); }
  void pass(Kept& what) { desk_.accept(what.name, std::move(what.bytes)); }
  void pass(Apart const& what) {
    desk_.accept_file(what.name.job, directory_.path(solution_file(what.name)), what.size);
  }
  void pass(Skipped const& what) { desk_.skip(what.job); }

  /// Pieces of other attempts at a job that is resolved.
  void drop_others(JobId job) {
    for (auto apart = apart_.lower_bound({job, Attempt{}}); apart != apart_.end() && apart->first.job == job;) {
      directory_.storage().remove(solution_file(apart->first));
      apart = apart_.erase(apart);
    }
  }

  RunDirectory& directory_;
  JoinDesk& desk_;
  std::map<JobAttempt, GrowingFile> apart_;             // solutions that are not whole
  std::deque<std::pair<std::uint64_t, What>> waiting_;  // to be durable, by the number of their record
  GroupCommit commit_;
};

}  // namespace

std::unique_ptr<Delivery> make_direct_delivery(JoinDesk& desk) { return std::make_unique<DirectDelivery>(desk); }

std::unique_ptr<Delivery> make_durable_delivery(RunDirectory& directory, JoinDesk& desk) {
  return std::make_unique<DurableDelivery>(directory, desk);
}

}  // namespace ballast
