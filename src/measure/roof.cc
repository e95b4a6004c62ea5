#include "measure/roof.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace nitro::measure {
namespace {

struct OptionalRoof {
  const char* key;
  std::optional<double> ThreadRoof::* member;
};

constexpr std::array<OptionalRoof, 5> kOptionalRoofs = {{
    {"int8_ops", &ThreadRoof::int8_ops},
    {"l1_bytes_per_s", &ThreadRoof::l1_bytes_per_s},
    {"l2_bytes_per_s", &ThreadRoof::l2_bytes_per_s},
    {"l3_bytes_per_s", &ThreadRoof::l3_bytes_per_s},
    {"dram_bytes_per_s", &ThreadRoof::dram_bytes_per_s},
}};

Result<double> positive(const Json& json, std::string_view key) {
  const double value = json.at(key).as_number(-1);
  if (!std::isfinite(value) || value <= 0) {
    return fail(ErrorCode::kBadFile, "roofs without a positive '{}'", key);
  }
  return value;
}

Result<ThreadRoof> thread_roof(std::string_view threads, const Json& json) {
  int64_t count = 0;
  if (!parse_integer(threads, count) || count < 1 || count > 1 << 16) {
    return fail(ErrorCode::kBadFile, "roofs for '{}' threads", display(threads));
  }
  ThreadRoof roof{.threads = static_cast<int>(count)};
  roof.fp32_flops = TRY(positive(json, "fp32_flops"));
  for (const auto& [key, member] : kOptionalRoofs) {
    if (json.contains(key)) roof.*member = TRY(positive(json, key));
  }
  return roof;
}

}  // namespace

const ThreadRoof& Roofs::at(int threads) const {
  const auto place = std::ranges::lower_bound(by_threads, threads, {}, &ThreadRoof::threads);
  return place == by_threads.end() ? by_threads.back() : *place;
}

Json to_json(const Roofs& roofs) {
  Json json = Json::object();
  json["threads"] = Json::object();
  for (const ThreadRoof& roof : roofs.by_threads) {
    Json& entry = json["threads"][std::to_string(roof.threads)];
    entry["fp32_flops"] = roof.fp32_flops;
    for (const auto& [key, member] : kOptionalRoofs) {
      entry[key] = roof.*member ? Json(*(roof.*member)) : Json();
    }
  }
  json["dispatch_ns"] = roofs.dispatch_ns;
  json["fp32_isa"] = roofs.fp32_isa;
  json["int8_isa"] = roofs.int8_isa;
  json["disturbed"] = roofs.disturbed;
  return json;
}

Result<Roofs> roofs_from_json(const Json& json) {
  Roofs roofs;
  for (const auto& [threads, entry] : json.at("threads").members()) {
    const ThreadRoof roof = TRY(thread_roof(threads, entry));
    if (!roofs.by_threads.empty() && roofs.by_threads.back().threads >= roof.threads) {
      return fail(ErrorCode::kBadFile, "roofs for {} threads are out of order", roof.threads);
    }
    roofs.by_threads.push_back(roof);
  }
  if (roofs.by_threads.empty()) return fail(ErrorCode::kBadFile, "roofs without 'threads'");
  roofs.dispatch_ns = TRY(positive(json, "dispatch_ns"));
  roofs.fp32_isa = json.at("fp32_isa").as_string();
  roofs.int8_isa = json.at("int8_isa").as_string();
  roofs.disturbed = json.at("disturbed").as_bool();
  return roofs;
}

std::vector<QualityNote> quality_notes(const Roofs& roofs) {
  std::vector<QualityNote> notes;
  if (roofs.disturbed) notes.push_back({QualityCode::kRoofDisturbed});
  std::string missing;
  for (const auto& [key, member] : kOptionalRoofs) {
    const bool any_missing = std::ranges::any_of(
        roofs.by_threads, [&](const ThreadRoof& roof) { return !(roof.*member); });
    if (any_missing) missing += (missing.empty() ? "" : ", ") + std::string(key);
  }
  if (!missing.empty()) notes.push_back({QualityCode::kRoofMissing, missing});
  return notes;
}

}  // namespace nitro::measure
