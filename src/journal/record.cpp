// Records as bytes. A change here is a new format version: see FORMAT.md.
#include "journal/record.hpp"

#include "ballast/core/contract.hpp"
#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast {
namespace {

constexpr std::size_t checksum_size = 8;

enum class Kind : std::uint8_t {
  run_described = 1,
  run_started = 2,
  solution_kept = 3,
  solution_apart = 4,
  job_abandoned = 5,
  job_revived = 6,
};

void put(ByteWriter& body, JobAttempt name) {
  body.number(name.job.value());
  body.number(name.attempt.value());
}

struct BodyWriter {
  ByteWriter& body;

  Kind operator()(RunDescribed const& run) const {
    body.text(run.identity);
    body.text(run.program);
    return Kind::run_described;
  }
  Kind operator()(RunStarted const& start) const {
    body.number(start.at);
    body.number(start.requeued);
    return Kind::run_started;
  }
  Kind operator()(SolutionKept const& solution) const {
    put(body, solution.name);
    body.number(solution.input.value());
    body.number(std::int64_t{solution.runtime.count()});
    body.text(solution.bytes);
    return Kind::solution_kept;
  }
  Kind operator()(SolutionApart const& solution) const {
    put(body, solution.name);
    body.number(solution.input.value());
    body.number(std::int64_t{solution.runtime.count()});
    body.number(solution.size);
    body.number(solution.content.value());
    return Kind::solution_apart;
  }
  Kind operator()(JobAbandoned const& job) const {
    put(body, job.last);
    body.number(job.input.value());
    body.number(job.failures);
    body.number(static_cast<std::uint8_t>(job.kind));
    body.text(job.reason);
    body.number(static_cast<std::uint8_t>(job.printed.index()));
    if (auto const* const bytes = std::get_if<Payload>(&job.printed)) body.text(*bytes);
    if (auto const* const apart = std::get_if<PrintedApart>(&job.printed)) {
      body.number(apart->size);
      body.number(apart->content.value());
    }
    return Kind::job_abandoned;
  }
  Kind operator()(JobRevived const& revived) const {
    body.number(revived.job.value());
    return Kind::job_revived;
  }
};

/// Reads fields in the order of the braces they are named in.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : body_{body} {}

  [[nodiscard]] Record record(Kind kind) {
    switch (kind) {
      case Kind::run_described:
        return RunDescribed{body_.text(), body_.text()};
      case Kind::run_started:
        return RunStarted{body_.number<std::int64_t>(), body_.number<std::uint32_t>()};
      case Kind::solution_kept:
        return SolutionKept{attempt(), digest(), runtime(), body_.text()};
      case Kind::solution_apart:
        return SolutionApart{attempt(), digest(), runtime(), body_.number<std::uint64_t>(), digest()};
      case Kind::job_abandoned:
        return JobAbandoned{attempt(), digest(), body_.number<std::uint32_t>(), failure(), body_.text(), printed()};
      case Kind::job_revived:
        return JobRevived{JobId{body_.number<std::uint64_t>()}};
    }
    throw EngineError{"a record is of no known kind", "", ""};
  }
  [[nodiscard]] bool at_end() const { return body_.at_end(); }

 private:
  JobAttempt attempt() {
    return JobAttempt{JobId{body_.number<std::uint64_t>()}, Attempt{body_.number<std::uint32_t>()}};
  }
  Digest digest() { return Digest{body_.number<std::uint64_t>()}; }
  Duration runtime() { return Duration{body_.number<std::int64_t>()}; }
  FailureKind failure() {
    auto const kind = body_.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(FailureKind::timed_out))
      throw EngineError{"a failure is of no known kind", "", ""};
    return static_cast<FailureKind>(kind);
  }
  decltype(JobAbandoned::printed) printed() {
    switch (body_.number<std::uint8_t>()) {
      case 0:
        return NothingPrinted{};
      case 1:
        return body_.text();
      case 2:
        return PrintedApart{body_.number<std::uint64_t>(), digest()};
      default:
        throw EngineError{"what was printed is of no known kind", "", ""};
    }
  }

  ByteReader body_;
};

std::uint64_t checksum_of(std::string_view record) { return digest_of(record.substr(checksum_size)).value(); }

}  // namespace

std::string encode_record(Record const& record) {
  ByteWriter body_writer;
  auto const kind = std::visit(BodyWriter{body_writer}, record);
  auto const body = body_writer.take();
  BALLAST_EXPECT(body.size() <= largest_body);

  ByteWriter head;
  head.number(std::uint64_t{0});
  head.number(static_cast<std::uint32_t>(body.size()));
  head.number(static_cast<std::uint8_t>(kind));
  auto bytes = head.take();
  bytes.append(body);

  ByteWriter checksum;
  checksum.number(checksum_of(bytes));
  bytes.replace(0, checksum_size, checksum.take());
  return bytes;
}

std::uint64_t announced_body(std::string_view head) {
  BALLAST_EXPECT(head.size() >= record_head);
  return ByteReader{head.substr(checksum_size)}.number<std::uint32_t>();
}

std::optional<Record> decode_record(std::string_view bytes) {
  if (bytes.size() < record_head || announced_body(bytes) != bytes.size() - record_head) return std::nullopt;
  ByteReader head{bytes};
  if (head.number<std::uint64_t>() != checksum_of(bytes)) return std::nullopt;
  static_cast<void>(head.number<std::uint32_t>());
  BodyReader body{bytes.substr(record_head)};
  try {
    auto record = body.record(Kind{head.number<std::uint8_t>()});
    if (body.at_end()) return record;
  } catch (EngineError const&) {  // the checksum is right, and still it makes no sense
  }
  return std::nullopt;
}

std::optional<ApartFile> apart_file(Record const& record) {
  if (auto const* const solution = std::get_if<SolutionApart>(&record))
    return ApartFile{solution->name, solution->size, solution->content};
  auto const* const abandoned = std::get_if<JobAbandoned>(&record);
  auto const* const printed = abandoned == nullptr ? nullptr : std::get_if<PrintedApart>(&abandoned->printed);
  if (printed == nullptr) return {};
  return ApartFile{abandoned->last, printed->size, printed->content};
}

std::string solution_file(JobAttempt name) {
  return "solutions/" + std::to_string(name.job.value()) + "." + std::to_string(name.attempt.value());
}

}  // namespace ballast
