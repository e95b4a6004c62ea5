#include "measure/paired_accuracy.h"

#include <algorithm>
#include <cmath>

#include "measure/bootstrap.h"
#include "measure/mcnemar.h"
#include "measure/normal_quantiles.h"

namespace nitro::measure {
namespace {

constexpr double kMostImages = 1e12;

/// Difference and share of discordant images with half an image added to each of the four cells, so
/// that no disagreement in a few images does not pass for certainty.
struct Smoothed {
  double images;
  double difference;
  double discordant;
};

Smoothed smoothed(const PairedCounts& counts) {
  const double images = static_cast<double>(counts.images) + 2;
  return {images, static_cast<double>(counts.only_new - counts.only_old) / images,
          static_cast<double>(counts.only_new + counts.only_old + 1) / images};
}

/// Agresti and Min, Statistics in Medicine 24 (2005) 729–740.
void widen_to_adjusted_wald(AccuracyComparison& comparison) {
  const Smoothed s = smoothed(comparison.counts);
  const double variance = (s.discordant - s.difference * s.difference) / s.images;
  const double half = kQuantile975 * std::sqrt(variance);
  comparison.low = std::max(-1.0, std::min(comparison.low, s.difference - half));
  comparison.high = std::min(1.0, std::max(comparison.high, s.difference + half));
}

}  // namespace

std::string_view name(AccuracyVerdict verdict) {
  switch (verdict) {
    case AccuracyVerdict::kBetter:
      return "better";
    case AccuracyVerdict::kWorse:
      return "worse";
    case AccuracyVerdict::kSame:
      return "same";
    case AccuracyVerdict::kUnclear:
      break;
  }
  return "unclear";
}

AccuracyComparison compare_accuracy(const PairedCounts& counts, const AccuracyOptions& options) {
  AccuracyComparison comparison;
  comparison.counts = counts;
  if (counts.images == 0) return comparison;
  const BootstrapMean mean =
      bootstrap_difference(counts.images, counts.only_new, counts.only_old, options.seed);
  comparison.difference = mean.mean;
  comparison.low = mean.low;
  comparison.high = mean.high;
  widen_to_adjusted_wald(comparison);
  comparison.p_value = mcnemar_p(counts.only_old, counts.only_new);
  return comparison;
}

void judge(AccuracyComparison& comparison, const AccuracyOptions& options) {
  const bool rejects = comparison.p_value <= options.alpha;
  if (comparison.low >= -options.margin && comparison.high <= options.margin) {
    comparison.verdict = AccuracyVerdict::kSame;
  } else if (rejects && comparison.low > 0) {
    comparison.verdict = AccuracyVerdict::kBetter;
  } else if (rejects && comparison.high < 0) {
    comparison.verdict = AccuracyVerdict::kWorse;
  } else {
    comparison.verdict = AccuracyVerdict::kUnclear;
    if (const auto images = images_to_tell(comparison.counts, options.margin))
      comparison.images_needed = std::max<int64_t>(1, *images - comparison.counts.images);
  }
}

std::optional<int64_t> images_to_tell(const PairedCounts& counts, double margin) {
  const Smoothed s = smoothed(counts);
  const double difference = std::abs(s.difference);
  const double rest = std::sqrt(std::max(0.0, s.discordant - difference * difference));
  double fewest = kMostImages;
  if (difference > 0) {
    const double root = (kQuantile975 * std::sqrt(s.discordant) + kQuantile80 * rest) / difference;
    fewest = std::min(fewest, root * root);
  }
  if (difference < margin) {
    const double root = (kQuantile975 + kQuantile80) * rest / (margin - difference);
    fewest = std::min(fewest, root * root);
  }
  if (fewest >= kMostImages) return std::nullopt;
  return static_cast<int64_t>(std::ceil(fewest));
}

Json to_json(const AccuracyComparison& comparison) {
  return Json::object(
      {{"images", comparison.counts.images},
       {"only_reference", comparison.counts.only_old},
       {"only_model", comparison.counts.only_new},
       {"difference", comparison.difference},
       {"low", comparison.low},
       {"high", comparison.high},
       {"p_value", comparison.p_value},
       {"verdict", name(comparison.verdict)},
       {"images_needed", comparison.images_needed ? Json(*comparison.images_needed) : Json()}});
}

}  // namespace nitro::measure
