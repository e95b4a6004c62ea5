#pragma once

#include <string>

#include "base/json.h"
#include "optimize/accuracy_limits.h"

namespace nitro::cli {

/// "63.2 %" of 0.632.
std::string percent_text(double share);

/// "63.2 % [62.1, 64.3]" of a counted share in docs/eval.schema.json, "–" of anything else.
std::string share_text(const Json& share);

/// "+0.5 [-1.0, +2.0]", points, of a comparison in docs/eval.schema.json, "–" of anything else.
std::string difference_text(const Json& comparison);

/// "needs about 120 more images to tell" and the like; "" where the verdict needs no words.
std::string needed_text(const Json& comparison);

/// `accuracy` of docs/result.schema.json: a row for each modality; "" where there is none. Running
/// text in lines of at most `width` cells.
std::string accuracy_text(const Json& accuracy, size_t width);

/// "depth: top-1 fell by 3.1 points, more than the 0.5 of --max-drop", of a limit that was missed.
std::string limit_sentence(const optimize::LimitCheck& check);

}  // namespace nitro::cli
