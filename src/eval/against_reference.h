#pragma once

#include <optional>
#include <string>

#include "eval/metrics.h"
#include "eval/stored_result.h"
#include "measure/bootstrap.h"
#include "measure/paired_accuracy.h"

namespace nitro::eval {

/// Cosines between the embeddings of a model and those of its reference, of the same images.
struct Fidelity {
  double least = 0;
  double median = 0;
  measure::BootstrapMean mean = {};
};

/// A modality of a model beside that of its reference.
struct AgainstReference {
  std::string modality;
  std::optional<double> agreement = {};  // share of the images with the same decision
  std::optional<double> reference_top1 = {};
  std::optional<measure::AccuracyComparison> comparison = {};
  std::optional<Fidelity> fidelity = {};
};

/// Decisions of both sides on the same images. An image on which one decides nothing is no
/// agreement.
AgainstReference compare_decisions(const std::string& modality, const Decisions& model,
                                   const Decisions& reference,
                                   const measure::AccuracyOptions& options);

/// The verdict of each, with p-values corrected after Holm for their number.
void judge_all(std::vector<AgainstReference>& modalities, const measure::AccuracyOptions& options);

/// `cosines` must not be empty.
Fidelity fidelity_of(const std::vector<double>& cosines, uint64_t seed);

/// The scenes that a stored result has, too: their places here and there. Fails with kUsage where
/// the candidates differ, kBadFile where a scene has another class there or none is shared.
struct SharedScenes {
  std::vector<size_t> here;
  std::vector<size_t> there;
};
Result<SharedScenes> shared_scenes(const std::vector<std::string>& ids, const Task& task,
                                   const StoredResult& stored);

/// The decisions at `places`, in that order.
Decisions at_places(const Decisions& decisions, const std::vector<size_t>& places);

/// {"top1", "agreement", "cosine": {"least", "median", "mean", "low", "high"}, "comparison"}; null
/// where there is none.
Json to_json(const AgainstReference& against);

}  // namespace nitro::eval
