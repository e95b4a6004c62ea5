#pragma once

#include "base/text.h"
#include "search/search.h"
#include "search/testing.h"

namespace nitro::search {

inline constexpr std::string_view kMadeUpSpace = R"(
[[step]]
pass = "fuse-gelu"
[[step]]
pass = "split-fused-ops"
keep = {low = 0.1, high = 1.0, step = 0.1}
[[step]]
pass = "batch-modalities"
modalities = ["rgb,depth", "depth,rgb"]
[[step]]
pass = "sink-transposes"
[[step]]
pass = "hoist-gathers"
)";

/// Faster by fuse-gelu, and by split-fused-ops at a drop that grows with its strength; slower by
/// batch-modalities; sink-transposes costs too much, and hoist-gathers fails. With a drop of 1
/// point at most the best is 6 ms: fuse-gelu and split-fused-ops keep=0.5.
inline MadeUpEvaluator::Made made_up(const Passes& passes) {
  MadeUpEvaluator::Made made{10e6};
  if (passes.contains("fuse-gelu")) made.latency_ns *= 0.8;
  if (const auto found = passes.find("split-fused-ops"); found != passes.end()) {
    double strength = 0;
    parse_number(found->second.at("keep"), strength);
    made.latency_ns *= 1 - 0.5 * strength;
    made.drop = 0.02 * strength * strength;
  }
  if (passes.contains("batch-modalities")) made.latency_ns *= 1.2;
  if (passes.contains("sink-transposes")) {
    made.latency_ns *= 0.7;
    made.drop += 0.1;
  }
  if (passes.contains("hoist-gathers")) made.error = "it does not fit";
  return made;
}

inline SearchOptions made_up_options() {
  SearchOptions options{space_from_toml(kMadeUpSpace).value()};
  options.limits.accuracy.max_drop = 0.0100001;
  options.study.name = "made-up";
  options.study.identity = Json::object({{"model_sha256", "m"}});
  options.trials = 60;
  return options;
}

}  // namespace nitro::search
