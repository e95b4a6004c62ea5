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

/// "energy     51.2 mJ/frame, 38.9 more than idle (5.1 W, idle 1.3 W)"; "" where it was not
/// measured.
std::string energy_text(const Json& measured);

/// Model, frame, inputs and runner of a result, a line each.
std::string setup_text(const Json& result);

/// The notes with their remedies, in lines of at most `width` cells.
std::string quality_notes_text(const Json& result, size_t width);

}  // namespace nitro::cli
