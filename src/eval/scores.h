#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/embeddings.h"

namespace nitro::eval {

/// How well each image fits each class: the greater, the better. Of two classes that fit alike the
/// one with the lower index comes first; of two images, the earlier.
struct Scores {
  size_t classes = 0;
  std::vector<double> values = {};  // [images, classes]
  std::vector<bool> usable = {};    // false: the image has no direction, so it fits nothing

  size_t images() const { return usable.size(); }
  std::span<const double> row(size_t i) const { return {values.data() + i * classes, classes}; }
};

/// Cosines to the class prompts, in steps of 2^-40. The sizes of the rows are equal.
Scores cosine_scores(const Embeddings& images, const TextEmbeddings& text);

/// The outputs of a classifier as they are; an image is usable where all are finite.
Scores direct_scores(const Embeddings& outputs);

inline constexpr int64_t kNoDecision = -1;

/// What zero-shot classification makes of each image.
struct Decisions {
  std::vector<int64_t> decided = {};  // a class, or kNoDecision
  /// How many classes come before the true one: 0 is right. kNoDecision where there is none.
  std::vector<int64_t> rank = {};

  bool right(size_t image) const { return rank[image] == 0; }
  /// Images whose true class is among the first `k`.
  int64_t within(int64_t k) const;
};

/// `labels` are class indices of the images.
Decisions decide(const Scores& scores, const std::vector<size_t>& labels);

/// How often what is looked for is found among the first 1, 5 and 10.
struct Retrieval {
  static constexpr std::array<size_t, 3> kAmong = {1, 5, 10};
  size_t queries = 0;
  std::array<double, 3> found = {};   // share of the queries with at least one hit: R@k of CLIP
  std::array<double, 3> recall = {};  // mean share of the relevant that are found
};

/// Of the images of a class, for its prompt; classes without images do not ask.
Retrieval retrieve_images(const Scores& scores, const std::vector<size_t>& labels);

/// Of the prompt of its class, for each image.
Retrieval retrieve_text(const Decisions& decisions);

/// CLIPScore as TorchMetrics has it: 100 times the mean cosine between an image and the prompt of
/// its class, not below 0. Images without direction count as 0. `scores` are cosines.
double clip_score(const Scores& scores, const std::vector<size_t>& labels);

}  // namespace nitro::eval
