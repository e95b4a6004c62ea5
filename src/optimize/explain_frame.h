#pragma once

#include "measure/environment.h"
#include "optimize/frame.h"
#include "profile/profile.h"

namespace nitro::optimize {

/// What explanations of one machine have in common.
struct ExplainOptions {
  const RunSetup& setup;
  const measure::Environment& environment;
  const measure::Roofs& roofs;
  int64_t iterations = 20;
};

/// Profiles `frame` of `model`, which takes `median_ns` end to end. Interrupted, it has no layers.
Result<profile::Profile> explain_frame(const Frame& frame, const onnx::ImportedModel& model,
                                       double median_ns, const ExplainOptions& options);

}  // namespace nitro::optimize
