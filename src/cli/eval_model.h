#pragma once

#include "eval/model_calls.h"
#include "zoo/open_model.h"

namespace nitro::cli {

/// A model with the calls that embed scenes.
struct EvalModel {
  zoo::OpenedModel opened;
  std::filesystem::path file;  // that runners load
  eval::ModelCalls calls;
};

/// Opens `source` and finds its calls; `scratch` must live as long as its file is used.
Result<EvalModel> open_eval_model(const std::string& source, const std::filesystem::path& scratch,
                                  const zoo::OpenOptions& open, const eval::PortOptions& options);

}  // namespace nitro::cli
