#include "runner/board_power.h"

#include <cstdlib>

#include "runner/board_files.h"

namespace nitro::runner {
namespace {

constexpr int kChannels = 3;  // of an INA3221

void read_iio(const std::filesystem::path& sensor, std::map<std::string, double>& rails) {
  for (const auto& device : board_folders(sensor, "iio:device")) {
    for (int channel = 0; channel < kChannels; ++channel) {
      const std::string number = std::to_string(channel);
      const auto name = board_text(device / ("rail_name_" + number));
      const auto power = board_number(device / ("in_power" + number + "_input"));
      if (name && power && is_rail(*name)) rails[*name] = static_cast<double>(*power);
    }
  }
}

void read_hwmon(const std::filesystem::path& sensor, std::map<std::string, double>& rails) {
  for (const auto& device : board_folders(sensor / "hwmon", "hwmon")) {
    for (int channel = 1; channel <= kChannels; ++channel) {
      const std::string number = std::to_string(channel);
      const auto name = board_text(device / ("in" + number + "_label"));
      const auto millivolts = board_number(device / ("in" + number + "_input"));
      const auto milliamperes = board_number(device / ("curr" + number + "_input"));
      if (name && millivolts && milliamperes && is_rail(*name)) {
        rails[*name] = static_cast<double>(*millivolts) * static_cast<double>(*milliamperes) / 1000;
      }
    }
  }
}

}  // namespace

bool is_rail(std::string_view name) { return !name.contains("NC") && !name.contains("sum"); }

std::map<std::string, double> board_power_mw(const std::filesystem::path& root) {
  std::map<std::string, double> rails;
  for (const auto& sensor : board_folders(root / "sys/bus/i2c/devices", "")) {
    if (board_text(sensor / "name").value_or("").find("ina3221") == std::string::npos) continue;
    read_iio(sensor, rails);
    read_hwmon(sensor, rails);
  }
  return rails;
}

std::string total_rail(const std::map<std::string, double>& rails) {
  for (const char* name : {"POM_5V_IN", "VDD_IN", "VIN"}) {
    if (rails.contains(name)) return name;
  }
  return "";
}

std::optional<double> total_power_mw(const std::filesystem::path& root) {
  const std::map<std::string, double> rails = board_power_mw(root);
  if (rails.empty()) return std::nullopt;
  if (const std::string total = total_rail(rails); !total.empty()) return rails.at(total);
  double sum = 0;
  for (const auto& [name, milliwatts] : rails) sum += milliwatts;
  return sum;
}

std::filesystem::path board_root() {
  const char* root = std::getenv("NITRO_BOARD_ROOT");
  return root != nullptr && *root != '\0' ? root : "/";
}

}  // namespace nitro::runner
