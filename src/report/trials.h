#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace nitro::report {

/// What a trial of `search` lost in its worst modality: points of top-1, or without decisions 100
/// times 1 - cosine. Nothing where it was not looked at.
std::optional<double> worst_loss(const Json& trial);

/// "−0.5 points", "0.9921 cosine": the worst of its modalities.
std::string loss_words(const Json& trial);

/// The trial `number` of `search`, or null.
const Json& trial_of(const Json& search, int64_t number);

}  // namespace nitro::report
