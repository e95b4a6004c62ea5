#pragma once

#include <optional>

#include "eval/model_calls.h"
#include "zoo/open_model.h"

namespace nitro::cli {

/// A model with the calls that embed scenes.
struct EvalModel {
  zoo::OpenedModel opened;
  std::filesystem::path file;  // that runners load
  eval::ModelCalls calls;
};

struct PortOptions {
  std::vector<std::string> modalities;       // of the data set
  std::optional<image::Pixels> pixels = {};  // without it: kUnit for one channel, else kNormalized
  /// Length of the embeddings, where it is known: chooses among several outputs.
  std::optional<size_t> dim = {};
};

/// The calls of a model with one input, one for each modality, or the one call of a model that has
/// an input of the name of each modality (as `nitro optimize` makes it). Fails with kUsage on
/// others and on one without an output of a row for each image.
Result<eval::ModelCalls> model_calls(const Graph& graph, const PortOptions& options);

/// Opens `source` and finds its calls; `scratch` must live as long as its file is used.
Result<EvalModel> open_eval_model(const std::string& source, const std::filesystem::path& scratch,
                                  const zoo::OpenOptions& open, const PortOptions& options);

}  // namespace nitro::cli
