#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nitro::runner {

/// Milliwatts now, by rail of the board's INA3221 sensors: those of JetPack 4 (iio, with a power of
/// its own) and of later ones (hwmon: voltage times current). Rails that are not connected and sums
/// of shunt voltages are left out.
std::map<std::string, double> board_power_mw(const std::filesystem::path& root);

/// Whether a channel of a sensor is a rail: not one that is connected to nothing, nor a sum.
bool is_rail(std::string_view name);

/// The rail that all of the board's power goes through: POM_5V_IN, VDD_IN or VIN; "" where there is
/// none, and the rails have to be added.
std::string total_rail(const std::map<std::string, double>& rails);

/// The milliwatts of the whole board: of that rail, or of all. Nothing where it has no sensor.
std::optional<double> total_power_mw(const std::filesystem::path& root);

/// Where the files of this machine are: "/", or what NITRO_BOARD_ROOT names.
std::filesystem::path board_root();

}  // namespace nitro::runner
