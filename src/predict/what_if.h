#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "predict/prediction.h"

namespace nitro::predict {

/// A change that nobody has made yet, and what it would bring at most.
struct WhatIf {
  std::string change;        // as asked: "clock=640"
  std::string_view meaning;  // of changes of its kind
  double before_ns = 0;      // of the same work without it
  double after_ns = 0;
};

/// How the changes that what_if() knows are written: "batch=N".
std::vector<std::string_view> change_forms();

/// What `change` would bring for the prediction `now`, which predict() made with `options`. kUsage
/// for a change that is not known, for a number that is not positive, for a module that has no
/// layers, and for int8 on a device that has nothing faster than FP16.
Result<WhatIf> what_if(const Prediction& now, const PredictOptions& options,
                       const std::string& change);

}  // namespace nitro::predict
