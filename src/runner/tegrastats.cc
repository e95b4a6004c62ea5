#include "runner/tegrastats.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "runner/board_power.h"
#include "runner/subprocess.h"

namespace nitro::runner {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr size_t kLongestLine = size_t{64} << 10;
constexpr std::string_view kOfNumbers = "-.0123456789";
/// Colder is a sensor that is off (-256); beyond both, and above kMost, is no reading.
constexpr double kColdest = -100, kHottest = 200, kMost = 1e9;

/// Pieces between blanks and round brackets; blanks inside of square ones divide nothing.
std::vector<std::string_view> pieces_of(std::string_view line) {
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  bool inside = false;
  for (size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size()) {
      inside = line[i] == '[' || (inside && line[i] != ']');
      if (inside || !std::string_view(" \t\r\n()").contains(line[i])) continue;
    }
    if (i > begin) pieces.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  return pieces;
}

/// The number that `text` begins with, which is cut off it.
std::optional<double> take_number(std::string_view& text) {
  const size_t length = std::min(text.find_first_not_of(kOfNumbers), text.size());
  double value = 0;
  if (!parse_number(text.substr(0, length), value) || value > kMost) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// The highest number that is no share in percent: of "7%@408", "@4266", "0%@[1300,off]",
/// "[1%@345,off]", "[1%,0%]@1224".
std::optional<double> highest_clock(std::string_view text) {
  std::optional<double> highest;
  while (!text.empty()) {
    const bool number = kOfNumbers.contains(text[0]);
    const auto clock = number ? take_number(text) : std::nullopt;
    if (!clock) {
      text.remove_prefix(1);
    } else if (!text.starts_with('%') && *clock >= 0) {
      highest = std::max(highest.value_or(0), *clock);
    }
  }
  return highest;
}

/// Of "5/1982MB" the first.
std::optional<int64_t> parse_used_bytes(std::string_view text) {
  const auto used = take_number(text);
  if (!used || *used < 0 || !take(text, "/") || !take_number(text)) return std::nullopt;
  for (const auto& [unit, shift] : {std::pair("kB", 10), {"MB", 20}, {"GB", 30}}) {
    if (text == unit) return static_cast<int64_t>(*used) << shift;
  }
  return std::nullopt;
}

/// Whether it is like "98x4MB"; the internal memory's "252kB" is not.
bool is_blocks(std::string_view text) {
  const auto blocks = take_number(text);
  return blocks && take(text, "x") && take_number(text) &&
         (text == "kB" || text == "MB" || text == "GB");
}

/// "CPU@36.5C", or with a second number "cpu@52.9C/52.9C": the first counts.
void read_temperature(std::string_view piece, std::map<std::string, double>& temperatures) {
  const size_t at = piece.find('@');
  if (at == 0 || at == std::string_view::npos || piece.starts_with("PMIC")) return;
  std::string_view rest = piece.substr(at + 1);
  const auto degrees = take_number(rest);
  if (!degrees || *degrees < kColdest || *degrees > kHottest || !take(rest, "C")) return;
  if (rest.empty() || rest.starts_with('/'))
    temperatures[std::string(piece.substr(0, at))] = *degrees;
}

/// Milliwatts now, of "1022/943", "4162mW/4162mW" or "5139mW/5139mW/5139mW".
std::optional<double> parse_power(std::string_view text) {
  std::optional<double> now;
  int numbers = 0;
  do {
    const auto milliwatts = take_number(text);
    if (!milliwatts || *milliwatts < 0) return std::nullopt;
    if (!now) now = milliwatts;
    take(text, "mW");
    ++numbers;
  } while (take(text, "/"));
  return text.empty() && numbers > 1 ? now : std::nullopt;
}

/// The piece `name` and the one after it.
void read_pair(std::string_view name, std::string_view value, Tegrastats& stats) {
  if (name == "SWAP") {
    stats.swap_used_bytes = parse_used_bytes(value);
  } else if (name == "lfb") {
    if (stats.largest_free_blocks.empty() && is_blocks(value)) stats.largest_free_blocks = value;
  } else if ((name == "CPU" || name == "cpu") && value.starts_with('[')) {
    stats.cpu_mhz = highest_clock(value);
  } else if (name == "EMC_FREQ" || name == "EMC") {
    stats.emc_mhz = highest_clock(value);
  } else if (name == "GR3D_FREQ" || name == "GR3D") {
    stats.gpu_mhz = highest_clock(value);
  } else if (const auto power = parse_power(value); power && is_rail(name)) {
    stats.power_mw[std::string(name)] = *power;
  }
}

}  // namespace

Tegrastats read_tegrastats(std::string_view line) {
  Tegrastats stats;
  const std::vector<std::string_view> pieces = pieces_of(line);
  for (size_t i = 0; i < pieces.size(); ++i) {
    read_temperature(pieces[i], stats.temperatures_c);
    if (i + 1 < pieces.size()) read_pair(pieces[i], pieces[i + 1], stats);
  }
  return stats;
}

std::string tegrastats_line() {
  Result<Subprocess> program = Subprocess::start({{"tegrastats", "--interval", "100"}});
  if (!program) return "";
  const Subprocess::ReadLine read = program->read_line(Clock::now() + kPatience, kLongestLine);
  return read.end == Subprocess::ReadEnd::kLine ? read.line : "";
}

}  // namespace nitro::runner
