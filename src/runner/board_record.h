#pragma once

#include <filesystem>

#include "base/json.h"

namespace nitro::runner {

/// What a Jetson says of itself that changes a time, as files below `root` ("/" on the board) have
/// it: "model", "l4t" ("32.7.1"), "jetpack" (the release that came with it), "power_mode" (number
/// of nvpmodel), "power_mode_name" and "fastest_power_mode" ({"number", "name"}; the one that it is
/// in, if none is faster) where nvpmodel's configuration can be read, "cpu_mhz", "gpu_mhz" and
/// "emc_mhz" (each {"now", "least", "most"}), "governor", "temperatures_c" by sensor, "throttled"
/// (a sensor is at a passive trip point), "power_mw" by rail of the INA3221, "total_rail",
/// "memory_available_bytes", "swap_used_bytes", "largest_free_blocks"
/// ("98x4MB"), as tegrastats calls them. What cannot be read is not there; on other machines the
/// whole is an empty object. Sources: NVIDIA's L4T 32 to 36 documentation, jetson_stats.
Json board_record(const std::filesystem::path& root);

}  // namespace nitro::runner
