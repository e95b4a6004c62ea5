#pragma once

#include <optional>

#include "base/json.h"
#include "eval/scores.h"

namespace nitro::eval {

/// What is looked at in the outputs of a model.
struct Task {
  /// Candidates for a decision; empty where outputs are only compared with those of a reference.
  std::vector<std::string> classes = {};
  /// Of the prompts of the classes; without them the outputs themselves are the scores.
  std::optional<TextEmbeddings> text = {};
  std::vector<size_t> labels = {};  // of the images, indices of classes
};

/// Of one modality. Without classes there are no decisions, without text neither retrieval nor
/// CLIPScore.
struct Metrics {
  std::optional<Decisions> decisions = {};
  std::optional<Retrieval> text = {};    // of the prompt for each image
  std::optional<Retrieval> images = {};  // for each prompt
  std::optional<double> clip_score = {};
  size_t without_direction = 0;  // images
};

/// `images` has a row for each label of `task`, which has classes.
Decisions decisions_of(const Embeddings& images, const Task& task);

/// `images` has a row for each label of `task`.
Metrics metrics_of(const Embeddings& images, const Task& task);

/// Cosines of the rows of `a` to those of `b`, as many and as long.
std::vector<double> row_cosines(const Embeddings& a, const Embeddings& b);

/// The numbers that TorchMetrics gives, too, shares as 0..1: {"top1", "top5", "class_top1" (one for
/// each class, null where it has no images), "text_found", "images_found", "images_recall" (each
/// among the first 1, 5 and 10), "clip_score"}; null where there is none.
Json numbers_json(const Metrics& metrics, const Task& task);

}  // namespace nitro::eval
