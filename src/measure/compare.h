#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace nitro::measure {

enum class Verdict : uint8_t { kFaster, kSlower, kSame, kUnclear };

/// "faster", "slower", "same" or "unclear".
std::string_view name(Verdict verdict);

/// The medians of the repetitions of both sides, nanoseconds. Repetition j of one side was run next
/// to repetition j of the other, each in a process of its own.
struct RepetitionPairs {
  std::vector<double> old_ns = {};
  std::vector<double> new_ns = {};
};

struct CompareOptions {
  double alpha = 0.05;
  /// Ratios within 1 ± this are the same.
  double same_within = 0.01;
  uint64_t seed = 1;
};

/// Fewer repetitions per side than this prove nothing, so that the verdict is "unclear".
constexpr int64_t kFewestRepetitions = 5;

struct Comparison {
  /// old / new, above 1 where the new one is faster, with its interval: that of the paired
  /// bootstrap, or of the order statistics where wider. 95 %, but 93.75 % at 5 repetitions and less
  /// below.
  double speedup = 1;
  double low = 1;
  double high = 1;
  /// Mann–Whitney, two-sided; corrected after Holm where several were compared.
  double p_value = 1;
  Verdict verdict = Verdict::kUnclear;
  int64_t repetitions = 0;
};

/// The verdict on one pair of variants. "same": the interval lies inside 1 ± same_within. "faster",
/// "slower": the interval excludes 1 and the test rejects. Both need 5 repetitions or more;
/// everything else is "unclear". Fails with kUsage on sides that do not pair up, and with
/// kRunnerFailed on a time that is not positive.
Result<Comparison> compare(const RepetitionPairs& pairs, const CompareOptions& options = {});

/// As compare() for each of many layers, with the p-values corrected for their number.
Result<std::vector<Comparison>> compare_all(std::span<const RepetitionPairs> layers,
                                            const CompareOptions& options = {});

/// {"speedup", "low", "high", "p_value", "verdict", "repetitions"}
Json to_json(const Comparison& comparison);

}  // namespace nitro::measure
