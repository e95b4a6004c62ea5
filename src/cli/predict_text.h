#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "predict/what_if.h"

namespace nitro::cli {

/// A prediction with all that belongs to it.
struct PredictedModel {
  std::string source;
  const predict::PredictOptions& options;
  const predict::Prediction& prediction;
  std::vector<predict::WhatIf> changes = {};
};

/// Total with its interval, memory, limits, the `top` slowest layers (0: all) and the changes;
/// running text in lines of at most `width` cells.
std::string predict_text(const PredictedModel& model, size_t top, size_t width);

Json predict_json(const PredictedModel& model);

}  // namespace nitro::cli
