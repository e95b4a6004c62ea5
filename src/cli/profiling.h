#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "optimize/frame.h"
#include "optimize/workload.h"
#include "zoo/open_model.h"

namespace nitro::cli {

struct ProfilingOptions {
  zoo::OpenedModel model;
  optimize::Workload workload;
  optimize::RunSetup setup;
  optimize::MeasureOptions measuring;
  int64_t profile_iterations = 20;
  bool probe_clocks = false;         // of the board
  std::vector<std::string> command;  // for the record
  std::function<void(const std::string&)> phase;
};

/// Times the frame in fresh processes, then its nodes, and explains each: a result of kind
/// "profile" (docs/result.schema.json).
Result<Json> profile_model(const ProfilingOptions& options);

}  // namespace nitro::cli
