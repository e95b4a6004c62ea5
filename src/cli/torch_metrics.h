#pragma once

#include <filesystem>

#include "base/json.h"

namespace nitro::cli {

/// What `python -m nitro.metrics` says of a folder that eval::write_embeddings() wrote: {"version",
/// "modalities": [{"modality", "numbers", "cosine_mean"}]}. `python` as for runners. Fails with
/// kEnvironment where TorchMetrics is missing, kRunnerFailed where the program fails or lies.
Result<Json> torch_metrics(const std::filesystem::path& folder,
                           const std::filesystem::path& python);

/// Fails with kCheckFailed where a number of `ours` and `theirs` differs by more than 1e-6, or only
/// one of them knows it. Both as eval::numbers_json() makes them.
Result<void> check_equal(const Json& ours, const Json& theirs, const std::string& place);

}  // namespace nitro::cli
