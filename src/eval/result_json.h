#pragma once

#include <string>

#include "base/json.h"
#include "eval/data_set.h"
#include "eval/metrics.h"

namespace nitro::eval {

/// A modality of docs/eval.schema.json; its "reference" is null.
Json modality_json(const std::string& modality, const Metrics& metrics, const Task& task);

}  // namespace nitro::eval
