#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace nitro::trace {

/// A layer of trtexec --exportProfile. Names may repeat.
struct LayerTime {
  std::string name;
  double average_ms = 0;
};

struct TrtexecProfile {
  int64_t count = 0;              // runs that each average is of
  std::vector<LayerTime> layers;  // in the order of execution
};

/// Fails with kBadFile, naming the layer.
Result<TrtexecProfile> parse_trtexec_profile(const Json& json);
Result<TrtexecProfile> read_trtexec_profile(const std::filesystem::path& path);

}  // namespace nitro::trace
