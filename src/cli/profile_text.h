#pragma once

#include <string>

#include "base/json.h"

namespace nitro::cli {

enum class LayerOrder : uint8_t { kTime, kName, kFlops, kExecution };

struct ProfileTextOptions {
  LayerOrder order = LayerOrder::kTime;
  size_t top = 20;
  bool tree = false;      // modules instead of layers
  size_t tree_depth = 3;  // names of the paths shown
};

/// A result (docs/result.schema.json) as a header and a table of the layers of its `model_key`
/// ("baseline", "optimized").
std::string profile_text(const Json& result, std::string_view model_key,
                         const ProfileTextOptions& options);

/// The notes with their remedies, one line each and one below.
std::string quality_notes_text(const Json& result);

}  // namespace nitro::cli
