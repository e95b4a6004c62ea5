#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "ir/graph.h"

namespace nitro::eval {

/// How the images of a modality go into a call of a model, and where their embeddings come out.
struct Port {
  size_t modality = 0;  // of the data set
  std::string input;
  TensorType type;  // its first dimension is the number of images
  image::Pixels pixels = image::Pixels::kNormalized;
  std::string output = {};
};

/// The calls of a model that embed one batch of scenes in every modality, each of some ports.
using ModelCalls = std::vector<std::vector<Port>>;

struct PortOptions {
  std::vector<std::string> modalities;       // of the data set
  std::optional<image::Pixels> pixels = {};  // without it: kUnit for one channel, else kNormalized
  /// Length of the embeddings, where it is known: chooses among several outputs.
  std::optional<size_t> dim = {};
};

/// Whether `graph` computes several modalities in one call: an input of the name of each.
bool has_input_for_each(const Graph& graph, const std::vector<std::string>& modalities);

/// The calls of a model with one input, one for each modality, or the one call of a model that has
/// an input of the name of each modality (as `nitro optimize` makes it). Fails with kUsage on
/// others and on one without an output of a row for each image.
Result<ModelCalls> model_calls(const Graph& graph, const PortOptions& options);

}  // namespace nitro::eval
