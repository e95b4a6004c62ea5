#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "runner/trtexec_program.h"
#include "trace/trtexec_layers.h"

namespace nitro::runner {

/// The reply to `profile`, of the engine and inputs that `flags` name: a node for each layer that
/// TensorRT executed, with the mean of its time over at least `iterations` runs, which is all that
/// trtexec tells (`averaged_runs`). `layer` of a node holds what is known of its engine's layer.
Result<Json> profile_by_trtexec(const TrtexecProgram& program, const std::filesystem::path& scratch,
                                std::vector<std::string> flags, int64_t iterations);

/// That member as it was.
trace::EngineLayer engine_layer(const Json& node);

}  // namespace nitro::runner
