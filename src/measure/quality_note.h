#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace nitro::measure {

/// What makes a number worth less. The sentence and the remedy of each are in quality_note.cc.
enum class QualityCode : uint8_t {
  kClockUnlocked,
  kPowerMode,
  kThrottled,
  kNoiseAboveLimit,
  kNotWarmedUp,
  kDiscardedSamples,
  kDroppedRecords,
  kLayerSumMismatch,
  kPerturbation,
  kBimodal,
  kAutocorrelated,
  kFewSamples,
  kFewRepetitions,
  kOtherLoad,
  kLowMemory,
  kDifferentMachine,
  kRoofDisturbed,
  kRoofMissing,
  kActivityMissing,
  kCountersMissing,
  kLayersAveraged,
  kClockNotFollowed,
  kMemoryClockKept,
  kAccuracyUnjudged,
  kInterrupted,
};

enum class Severity : uint8_t { kInfo, kWarning, kError };

struct QualityRow {
  /// The word in JSON, for example "clock_unlocked".
  std::string_view code;
  Severity severity;
  std::string_view message;
  std::string_view remedy;
};

const QualityRow& row(QualityCode code);
std::string_view name(Severity severity);
std::optional<QualityCode> quality_code(std::string_view code);

/// A row of the table, with what was seen in this case ("load average 3.1 on 2 cores").
struct QualityNote {
  QualityCode code = QualityCode::kInterrupted;
  std::string detail = {};

  bool operator==(const QualityNote&) const = default;
};

/// {"code", "severity", "message", "remedy", "detail"}
Json to_json(const QualityNote& note);
Json to_json(const std::vector<QualityNote>& notes);

/// Reads what to_json() writes; sentence and remedy are taken from the table. Fails with kBadFile
/// on an unknown code.
Result<QualityNote> quality_note_from_json(const Json& json);

/// Appends each note of `more` whose code is not yet in `notes`.
void merge(std::vector<QualityNote>& notes, const std::vector<QualityNote>& more);

}  // namespace nitro::measure
