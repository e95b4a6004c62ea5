#include "measure/quality_note.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace nitro::measure {
namespace {

using enum Severity;

constexpr std::array kRows = {
    QualityRow{"clock_unlocked", kWarning,
               "The clocks were not fixed, so times drift with load and heat.",
               "fix the governor or the clocks (on a Jetson: --lock-clocks)"},
    QualityRow{"power_mode", kInfo, "The board was not in its fastest power mode.",
               "set it with nvpmodel, with a supply that is strong enough (Jetson Nano: 5 V, 4 A)"},
    QualityRow{"throttled", kError, "The device slowed itself down while samples were taken.",
               "cool it or give it more power, and measure again"},
    QualityRow{"noise_above_limit", kWarning,
               "The interval of the median is wider than 1 % to either side.",
               "stop other programs, fix the clocks, or measure for longer with --duration"},
    QualityRow{"not_warmed_up", kWarning, "The times were still changing when the warm-up ended.",
               "warm up for longer with --warmup"},
    QualityRow{"discarded_samples", kInfo, "Samples were left out for a recorded cause.",
               "see the causes in the result"},
    QualityRow{"dropped_records", kError,
               "The backend or its trace lost records, so some work is missing.",
               "profile fewer iterations, or give the tracer a larger buffer"},
    QualityRow{"layer_sum_mismatch", kWarning,
               "The times of the layers do not add up to the end-to-end time within 3 %.",
               "read shares as estimates; the residual is shown"},
    QualityRow{"perturbation", kWarning, "Profiling slowed the model down by more than 5 %.",
               "take latencies from a run without profiling only"},
    QualityRow{"bimodal", kWarning,
               "The samples have two speeds, as when clocks switch between levels.",
               "fix the clocks and look for periodic work on the machine"},
    QualityRow{"autocorrelated", kWarning,
               "Consecutive samples resemble each other, so the interval is too narrow.",
               "trust intervals over repetitions, and raise --repetitions"},
    QualityRow{"few_samples", kWarning, "There are too few samples for an interval of the median.",
               "take 6 samples or more with --iterations or --duration"},
    QualityRow{"few_repetitions", kWarning,
               "With fewer than 5 repetitions per side no difference can be proven.",
               "pass --repetitions 5 or more"},
    QualityRow{"other_load", kWarning, "Other programs were using the processor.",
               "stop them and measure again"},
    QualityRow{"low_memory", kWarning,
               "Little memory was free, so the system may have been swapping.",
               "stop other programs, or use a smaller batch"},
    QualityRow{"different_machine", kError,
               "The results compared come from different machines or settings.",
               "measure both sides on one machine"},
    QualityRow{"roof_disturbed", kWarning,
               "The roofs of this machine were measured beside other work.",
               "stop other programs; the roofs are then measured again"},
    QualityRow{"roof_missing", kInfo, "A roof of this machine could not be measured.",
               "layers under that roof get no share of it"},
    QualityRow{"activity_missing", kInfo, "The GPU's own record of its kernels could not be taken.",
               "times of layers are by graphs alone, with nothing to compare them with"},
    QualityRow{"counters_missing", kInfo, "The GPU's hardware counters could not be read.",
               "bounds of layers are by times and sizes alone"},
    QualityRow{"layers_averaged", kInfo,
               "The backend tells only the mean time of each layer, so layers have no interval.",
               "judge small differences by the end-to-end time"},
    QualityRow{"clock_not_followed", kWarning,
               "A clock was not what the probe had asked for, so times there were left out.",
               "cool the board, choose a power mode that allows the clock, and probe again"},
    QualityRow{
        "memory_clock_kept", kInfo,
        "The memory's clock could not be changed: the probe by the GPU's alone does not tell "
        "what waits for memory from what waits for neither.",
        "nitro doctor --device prints what the board's sudoers need"},
    QualityRow{"accuracy_unjudged", kWarning,
               "A lossy pass changed the answers of the model, and nothing judged how much.",
               "evaluate it on labelled images: --data, with --text and --classes"},
    QualityRow{"interrupted", kWarning, "The measurement was stopped before its end.",
               "let it finish"},
};
static_assert(kRows.size() == std::to_underlying(QualityCode::kInterrupted) + 1);

}  // namespace

const QualityRow& row(QualityCode code) { return kRows[std::to_underlying(code)]; }

std::string_view name(Severity severity) {
  switch (severity) {
    case kInfo:
      return "info";
    case kWarning:
      return "warning";
    case kError:
      return "error";
  }
  std::unreachable();
}

std::optional<QualityCode> quality_code(std::string_view code) {
  const auto place = std::ranges::find(kRows, code, &QualityRow::code);
  if (place == kRows.end()) return std::nullopt;
  return static_cast<QualityCode>(place - kRows.begin());
}

Json to_json(const QualityNote& note) {
  const QualityRow& text = row(note.code);
  Json json = Json::object();
  json["code"] = text.code;
  json["severity"] = name(text.severity);
  json["message"] = text.message;
  json["remedy"] = text.remedy;
  json["detail"] = note.detail;
  return json;
}

Json to_json(const std::vector<QualityNote>& notes) {
  Json json = Json::array();
  for (const QualityNote& note : notes) json.push_back(to_json(note));
  return json;
}

Result<QualityNote> quality_note_from_json(const Json& json) {
  const auto code = quality_code(json.at("code").as_string());
  if (!code) {
    return fail(ErrorCode::kBadFile, "unknown quality note '{}'",
                display(json.at("code").as_string()));
  }
  return QualityNote{*code, json.at("detail").as_string()};
}

void merge(std::vector<QualityNote>& notes, const std::vector<QualityNote>& more) {
  for (const QualityNote& note : more) {
    if (std::ranges::find(notes, note.code, &QualityNote::code) == notes.end()) {
      notes.push_back(note);
    }
  }
}

}  // namespace nitro::measure
