#include "runner/board_notes.h"

#include <fmt/ranges.h>

#include "base/text.h"

namespace nitro::runner {
namespace {

using measure::QualityCode;

/// Less than this, and the system starts to swap while a model loads.
constexpr int64_t kFewBytes = int64_t{400} << 20;
constexpr int64_t kSwapBytes = int64_t{64} << 20;

/// "power mode 1 (5W)"
std::string power_mode(const Json& board) {
  const std::string name = display(board.at("power_mode_name").as_string(), 30);
  return fmt::format("power mode {}{}", board.at("power_mode").as_integer(),
                     name.empty() ? "" : " (" + name + ")");
}

double megabytes(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

}  // namespace

std::vector<measure::QualityNote> board_notes(const Json& board) {
  std::vector<measure::QualityNote> notes;
  const Json& gpu = board.at("gpu_mhz");
  const double least = gpu.at("least").as_number(0), most = gpu.at("most").as_number(0);
  if (least < most) {
    notes.push_back({QualityCode::kClockUnlocked,
                     fmt::format("the GPU may run at {:.1f} to {:.1f} MHz", least, most)});
  }
  const Json& fastest = board.at("fastest_power_mode").at("number");
  if (fastest.is_integer() && fastest != board.at("power_mode")) {
    notes.push_back(
        {QualityCode::kPowerMode,
         fmt::format("{}; the fastest: sudo nvpmodel -m {} ({})", power_mode(board),
                     fastest.as_integer(),
                     display(board.at("fastest_power_mode").at("name").as_string(), 30))});
  }
  if (board.at("throttled").is_bool() && board.at("throttled").as_bool())
    notes.push_back({QualityCode::kThrottled, "a sensor is at its trip point"});
  const int64_t available = board.at("memory_available_bytes").as_integer(kFewBytes);
  const int64_t swapped = board.at("swap_used_bytes").as_integer(0);
  if (available < kFewBytes || swapped > kSwapBytes) {
    const std::string free = board.contains("memory_available_bytes")
                                 ? fmt::format("{:.0f} MiB available, ", megabytes(available))
                                 : "";
    notes.push_back(
        {QualityCode::kLowMemory, fmt::format("{}{:.0f} MiB in swap", free, megabytes(swapped))});
  }
  return notes;
}

std::vector<measure::QualityNote> machine_notes(const RunnerInfo& info,
                                                const measure::Environment& here) {
  if (!info.environment.contains("reached_by")) return measure::quality_notes(here);
  return board_notes(info.environment.at("board"));
}

std::string board_text(const Json& board) {
  if (!board.is_object()) return "";
  std::vector<std::string> words;
  if (board.contains("model")) words.push_back(display(board.at("model").as_string(), 80));
  std::string system = "L4T " + display(board.at("l4t").as_string(), 20);
  if (board.contains("jetpack"))
    system += fmt::format(" (JetPack {})", display(board.at("jetpack").as_string(), 20));
  words.push_back(system);
  if (board.contains("power_mode")) words.push_back(power_mode(board));
  if (const Json& gpu = board.at("gpu_mhz"); gpu.is_object()) {
    const std::string most =
        gpu.contains("most") ? fmt::format(" of {:.1f}", gpu.at("most").as_number()) : "";
    words.push_back(fmt::format("GPU {:.1f}{} MHz", gpu.at("now").as_number(0), most));
  }
  const Json& power = board.at("power_mw").at(board.at("total_rail").as_string());
  if (power.is_number()) words.push_back(fmt::format("{:.1f} W", power.as_number() / 1000));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace nitro::runner
