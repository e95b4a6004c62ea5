#include "eval/against_reference.h"

#include <algorithm>

#include "base/text.h"
#include "measure/holm.h"
#include "measure/median.h"

namespace nitro::eval {
namespace {

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json to_json(const Fidelity& fidelity) {
  return Json::object({{"least", fidelity.least},
                       {"median", fidelity.median},
                       {"mean", fidelity.mean.mean},
                       {"low", fidelity.mean.low},
                       {"high", fidelity.mean.high}});
}

}  // namespace

AgainstReference compare_decisions(const std::string& modality, const Decisions& model,
                                   const Decisions& reference,
                                   const measure::AccuracyOptions& options) {
  AgainstReference against{modality};
  measure::PairedCounts counts{std::ssize(model.rank)};
  if (counts.images == 0) return against;
  int64_t agreed = 0;
  for (size_t i = 0; i < model.rank.size(); ++i) {
    counts.only_new += model.right(i) && !reference.right(i) ? 1 : 0;
    counts.only_old += reference.right(i) && !model.right(i) ? 1 : 0;
    agreed += model.decided[i] == reference.decided[i] && model.decided[i] != kNoDecision ? 1 : 0;
  }
  const auto images = static_cast<double>(counts.images);
  against.agreement = static_cast<double>(agreed) / images;
  against.reference_top1 = static_cast<double>(reference.within(1)) / images;
  against.comparison = measure::compare_accuracy(counts, options);
  return against;
}

void judge_all(std::vector<AgainstReference>& modalities, const measure::AccuracyOptions& options) {
  std::vector<double> p_values;
  for (const AgainstReference& against : modalities) {
    if (against.comparison) p_values.push_back(against.comparison->p_value);
  }
  const std::vector<double> adjusted = measure::holm_adjusted(p_values);
  size_t next = 0;
  for (AgainstReference& against : modalities) {
    if (!against.comparison) continue;
    against.comparison->p_value = adjusted[next++];
    measure::judge(*against.comparison, options);
  }
}

Fidelity fidelity_of(const std::vector<double>& cosines, uint64_t seed) {
  return {std::ranges::min(cosines), measure::median(cosines),
          measure::bootstrap_mean(cosines, seed)};
}

Result<SharedScenes> shared_scenes(const std::vector<std::string>& ids, const Task& task,
                                   const StoredResult& stored) {
  if (task.classes != stored.classes) {
    return fail_with_hint(ErrorCode::kUsage,
                          "the reference chose among other classes, or in another order",
                          "evaluate both with the same --classes");
  }
  SharedScenes shared;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto found = stored.scenes.find(ids[i]);
    if (found == stored.scenes.end()) continue;
    if (stored.labels[found->second] != task.labels[i]) {
      return fail(ErrorCode::kBadFile, "the reference has the scene '{}' as another class",
                  display(ids[i], 120));
    }
    shared.here.push_back(i);
    shared.there.push_back(found->second);
  }
  if (shared.here.empty()) {
    return fail_with_hint(ErrorCode::kBadFile, "the reference has none of these scenes",
                          "evaluate both on the same data set with the same --limit and --seed");
  }
  return shared;
}

Decisions at_places(const Decisions& decisions, const std::vector<size_t>& places) {
  Decisions result;
  for (size_t place : places) {
    result.decided.push_back(decisions.decided[place]);
    result.rank.push_back(decisions.rank[place]);
  }
  return result;
}

Json to_json(const AgainstReference& against) {
  return Json::object(
      {{"top1", or_null(against.reference_top1)},
       {"agreement", or_null(against.agreement)},
       {"cosine", against.fidelity ? to_json(*against.fidelity) : Json()},
       {"comparison", against.comparison ? measure::to_json(*against.comparison) : Json()}});
}

}  // namespace nitro::eval
