#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.h"

namespace nitro::measure {

/// What two models decided on the same images.
struct PairedCounts {
  int64_t images = 0;
  int64_t only_old = 0;  // of which only the old model was right
  int64_t only_new = 0;
};

enum class AccuracyVerdict : uint8_t { kBetter, kWorse, kSame, kUnclear };

/// "better", "worse", "same" or "unclear".
std::string_view name(AccuracyVerdict verdict);

struct AccuracyOptions {
  double alpha = 0.05;
  /// Differences within ± this share of the images are the same.
  double margin = 0.01;
  uint64_t seed = 1;
};

struct AccuracyComparison {
  PairedCounts counts;
  /// Accuracy of the new model minus that of the old one, a share, with its 95 % interval: that of
  /// the paired bootstrap, or of Agresti and Min where wider.
  double difference = 0;
  double low = -1;
  double high = 1;
  double p_value = 1;  // McNemar, exact
  AccuracyVerdict verdict = AccuracyVerdict::kUnclear;
  /// Of an unclear verdict: about how many more images would settle it.
  std::optional<int64_t> images_needed = {};
};

/// The comparison with everything but its verdict.
AccuracyComparison compare_accuracy(const PairedCounts& counts,
                                    const AccuracyOptions& options = {});

/// Gives `comparison` its verdict. "same": the interval lies inside ± margin. "better", "worse":
/// else, where the interval excludes 0 and the test rejects, by the p-value as it stands (corrected
/// where several are compared). "unclear": everything else.
void judge(AccuracyComparison& comparison, const AccuracyOptions& options = {});

/// The images in all with which a difference as large as was seen would be settled with 80 % power,
/// in the cheaper of two ways. It proves different from 0 after Connor (Biometrics 43, 1987,
/// 207–211): N = (z_{97.5} √ψ + z_{80} √(ψ − δ²))² / δ², with δ the difference and ψ the share of
/// images on which one model alone is right. Or its interval comes to lie within the margin m:
/// N = (z_{97.5} + z_{80})² (ψ − δ²) / (m − |δ|)². Nothing where neither is possible.
std::optional<int64_t> images_to_tell(const PairedCounts& counts, double margin);

/// {"images", "only_reference", "only_model", "difference", "low", "high", "p_value", "verdict",
/// "images_needed"}
Json to_json(const AccuracyComparison& comparison);

}  // namespace nitro::measure
