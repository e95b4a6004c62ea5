#pragma once

#include "plan/plan.h"
#include "predict/layer.h"

namespace nitro::predict {

/// The steps of a plan for Nitro's engine; their origins are those of the plan.
std::vector<Layer> plan_layers(const plan::Plan& plan);

}  // namespace nitro::predict
