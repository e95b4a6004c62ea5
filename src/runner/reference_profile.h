#pragma once

#include <vector>

#include "base/json.h"
#include "onnx/import_model.h"

namespace nitro::runner {

/// The reply to `profile` of the reference: each node of the model file that was executed, with
/// the time of the ops it was lowered to. One untimed run comes first.
Result<Json> profile_reference(const onnx::ImportedModel& model, const std::vector<Tensor>& inputs,
                               int64_t iterations);

}  // namespace nitro::runner
