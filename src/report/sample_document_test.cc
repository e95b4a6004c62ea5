#include "report/sample_document.h"

#include <array>

#include "report/bound.h"

namespace nitro::report {
namespace {

Json estimate(double value) {
  return Json::object({{"value", value}, {"low", value - 0.05}, {"high", value + 0.05}});
}

Json clock_shares(std::string_view name, bool both) {
  Json shares;
  shares["verdict"] = name;
  shares["evidence"] = name;
  for (const char* key : {"gpu_elasticity", "gpu_share"}) shares[key] = estimate(0.4);
  if (!both) return shares;
  for (const char* key : {"memory_elasticity", "memory_share"}) shares[key] = estimate(0.3);
  for (const char* key : {"overlap_share", "fixed_share"}) shares[key] = estimate(0.15);
  return shares;
}

Json layer(std::string_view name, int index) {
  Json layer;
  layer["id"] = index;
  layer["name"] = std::string(name) + std::to_string(index);
  layer["op"] = name;
  layer["module"] = index % 2 == 0 ? std::string(name) : "elsewhere";
  layer["origins"] = Json::array({Json(name), Json(name)});
  layer["time_ns"] = 1e6 * (index + 1);
  layer["low_ns"] = 0.9e6 * (index + 1);
  layer["high_ns"] = 1.1e6 * (index + 1);
  layer["share"] = 0.1;
  layer["flops"] = int64_t{1000000} * index;
  layer["bytes"] = 500000;
  layer["intensity"] = 2.0 * index;
  layer["achieved_flops"] = 1e9 * index;
  layer["bound"] = kBounds[static_cast<size_t>(index) % kBounds.size()].name;
  layer["evidence"] = std::string(name) + " is the evidence";
  layer["clock_shares"] = clock_shares(name, index % 2 == 0);
  return layer;
}

Json module(std::string_view path, int parent, double time_ns) {
  Json module;
  module["path"] = path;
  module["parent"] = parent;
  module["time_ns"] = time_ns;
  module["share"] = 1.0;
  module["flops"] = Json();
  module["bytes"] = 0;
  return module;
}

Json measured(std::string_view name, int layers, double median_ns) {
  Json side;
  side["summary"]["median_ns"] = median_ns;
  side["summary"]["low_ns"] = median_ns * 0.99;
  side["summary"]["high_ns"] = median_ns * 1.01;
  side["summary"]["n"] = 6;
  side["summary"]["stop_reason"] = "precise";
  for (double factor : {0.99, 1.0, 1.02}) {
    side["samples_ns"].push_back(Json::array({Json(median_ns * factor), Json(median_ns)}));
  }
  Json& profile = side["profile"];
  profile["total_ns"] = median_ns;
  profile["layers_sum_ns"] = median_ns * 0.97;
  profile["overhead_ns"] = median_ns * 0.03;
  profile["attributed_share"] = 0.9;
  profile["clock_probe"]["points"].push_back(Json::object(
      {{"gpu_hz", 921600000}, {"emc_hz", 1600000000}, {"frame_ns", median_ns}, {"used", false}}));
  profile["clock_probe"]["frame"] = clock_shares(name, true);
  profile["layers"] = Json::array();
  for (int i = 0; i < layers; ++i) profile["layers"].push_back(layer(name, i));
  profile["modules"].push_back(module("", -1, median_ns));
  profile["modules"].push_back(module(name, 0, median_ns));
  return side;
}

Json ledger_entry(std::string_view name, double speedup, bool kept) {
  Json entry;
  entry["pass"] = name;
  entry["changed"] = true;
  entry["nodes_touched"] = 3;
  entry["predicted_gain_ns"] = Json();
  entry["measured"]["speedup"] = speedup;
  entry["measured"]["low"] = speedup;
  entry["measured"]["high"] = speedup;
  entry["measured"]["verdict"] = "faster";
  entry["kept"] = kept;
  entry["note"] = name;
  return entry;
}

}  // namespace

Json sample_document(std::string_view name, int layers) {
  Json result;
  result["schema_version"] = 1;
  result["kind"] = "optimize";
  result["interrupted"] = false;
  result["nitro_version"] = name;
  result["created"] = name;
  result["command"].push_back(name);
  for (std::string_view key : {"name", "source", "sha256"}) result["model"][key] = name;
  result["model"]["inputs"].push_back(
      Json::object({{"name", name}, {"dtype", name}, {"shape", Json::array({1, 3})}}));
  result["workload"]["modalities"].push_back(name);
  result["workload"]["description"] = name;
  result["workload"]["given"][name] = name;
  for (std::string_view key : {"name", "version", "provider"}) result["runner"][key] = name;
  result["runner"]["threads"] = 2;
  result["runner"]["environment"][name] = name;
  result["environment"]["cpu"] = name;
  result["environment"][name] =
      Json::array({Json(name), Json::object({{std::string(name), name}})});
  result["roofs"]["threads"] = 2;
  result["roofs"]["fp32_flops"] = 1e11;
  result["roofs"][name] = 1.0;
  result["baseline"] = measured(name, layers, 260e6);
  result["optimized"] = measured(name, layers, 200e6);
  result["comparison"]["speedup"] = 1.3;
  result["comparison"]["low"] = 1.28;
  result["comparison"]["high"] = 1.32;
  result["comparison"]["p_value"] = 0.0022;
  result["comparison"]["verdict"] = "faster";
  Json check;
  for (std::string_view key : {"runner", "input", "output"}) check[key] = name;
  check["cosine"] = 0.9999999;
  check["max_abs"] = 2.4e-6;
  check["max_ulp"] = 57;
  check["ok"] = true;
  result["numerics"].push_back(std::move(check));
  result["ledger"].push_back(ledger_entry(name, 1.3, true));
  result["ledger"].push_back(ledger_entry(name, 0.9, false));
  result["recipe"] = std::string(name) + "\nsecond line";
  Json note;
  for (std::string_view key : {"code", "severity", "message", "remedy"}) note[key] = name;
  note["detail"][name] = name;
  result["quality_notes"].push_back(std::move(note));
  result["reproduce"].push_back(name);
  return result;
}

}  // namespace nitro::report
