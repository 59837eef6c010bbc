// Summaries of shards, joined in order.
#include "ballast/learn/shard_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "ballast/core/contract.hpp"
#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast::learn {
namespace {

template <class T>
std::string_view bytes_of(std::vector<T> const& values) {
  return {reinterpret_cast<char const*>(values.data()), values.size() * sizeof(T)};
}

std::uint64_t digest_of_shard(Dataset const& shard) {
  RunningDigest digest;
  digest.add(bytes_of(shard.features.values));
  digest.add(bytes_of(shard.labels));
  digest.add(bytes_of(shard.classes));
  return digest.value().value();
}

template <class T>
void write(ByteWriter& writer, std::vector<T> const& values) {
  writer.number(std::uint64_t{values.size()});
  for (auto const value : values) writer.number(value);
}

template <class T>
std::vector<T> read(ByteReader& reader) {
  std::vector<T> values;
  for (auto count = reader.number<std::uint64_t>(); count > 0; --count) values.push_back(reader.number<T>());
  return values;
}

void expect_end(ByteReader const& reader) {
  if (!reader.at_end()) throw EngineError{"what was told of shards cannot be read", "there are more bytes", ""};
}

}  // namespace

ShardSummary summary_of(Dataset const& shard) {
  ShardSummary summary{{}, shard.classes, digest_of_shard(shard)};
  summary.moments.add(shard.features);
  return summary;
}

JoinedShards joined(std::span<ShardSummary const> summaries) {
  BALLAST_EXPECT(!summaries.empty());
  JoinedShards all;
  auto const features = summaries.front().moments.features();
  for (auto const& summary : summaries) {
    if (summary.moments.features() != features)
      throw InputOutputError{"the shards do not fit together",
                             fmt::format("shard {} has {} features, shard 0 has {}", all.sizes.size(),
                                         summary.moments.features(), features),
                             "give shards of the same columns"};
    all.moments.join(summary.moments);
    std::vector<float> classes;
    std::set_union(all.classes.begin(), all.classes.end(), summary.classes.begin(), summary.classes.end(),
                   std::back_inserter(classes));
    all.classes = std::move(classes);
    all.digests.push_back(summary.digest);
    all.sizes.push_back(static_cast<double>(summary.moments.rows()));
  }
  return all;
}

Dataset prepared(Dataset shard, ShardTerms const& terms, std::uint32_t number) {
  if (digest_of_shard(shard) != terms.digests.at(number))
    throw InputOutputError{fmt::format("shard {} is another one than when the training began", number),
                           "its file has changed, or differs from node to node",
                           "give every shard the same file throughout"};
  shard = with_classes(std::move(shard), terms.classes);
  normalise(shard.features, terms.normalisation);
  return shard;
}

std::string encode(ShardSummary const& summary) {
  ByteWriter writer;
  writer.text(summary.moments.encode());
  write(writer, summary.classes);
  writer.number(summary.digest);
  return writer.take();
}

ShardSummary decode_summary(std::string_view bytes) {
  ByteReader reader{bytes};
  ShardSummary summary{FeatureMoments::decode(reader.text()), read<float>(reader), 0};
  summary.digest = reader.number<std::uint64_t>();
  expect_end(reader);
  return summary;
}

std::string encode(ShardTerms const& terms) {
  ByteWriter writer;
  write(writer, terms.normalisation.mean);
  write(writer, terms.normalisation.scale);
  write(writer, terms.classes);
  write(writer, terms.digests);
  return writer.take();
}

ShardTerms decode_terms(std::string_view bytes) {
  ByteReader reader{bytes};
  ShardTerms terms;
  terms.normalisation.mean = read<float>(reader);
  terms.normalisation.scale = read<float>(reader);
  terms.classes = read<float>(reader);
  terms.digests = read<std::uint64_t>(reader);
  expect_end(reader);
  return terms;
}

}  // namespace ballast::learn
