#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "measure/cpu_cache.h"
#include "measure/quality_note.h"

namespace nitro::measure {

/// The machine a number was measured on. Text that the system does not give is "", a number 0.
struct Environment {
  std::string cpu_model = {};
  std::string microcode = {};
  /// The name a board gives itself ("NVIDIA Jetson Nano Developer Kit").
  std::string board = {};
  /// Logical processors of the machine, and those that this process may use.
  int processors = 0;
  int usable_processors = 0;
  std::vector<CpuCache> caches = {};
  /// The frequency governor of the first processor ("performance").
  std::string governor = {};
  /// Those instruction sets that decide which kernels run ("avx2", "avx512_vnni").
  std::vector<std::string> isa = {};
  int64_t memory_bytes = 0;
  int64_t available_memory_bytes = 0;
  int64_t swap_used_bytes = 0;
  std::string kernel = {};
  std::string os = {};
  /// Runnable processes, averaged over a minute.
  double load_average = 0;
  bool virtual_machine = false;
  bool container = false;
  /// UTC, "2024-05-01T12:00:00Z".
  std::string time = {};
};

/// Reads the machine below `root`. Never fails: what is missing or malformed stays unknown.
Environment read_environment(const std::filesystem::path& root = "/");

/// What the machine's state says against numbers measured on it: unlocked clocks, other load,
/// little memory.
std::vector<QualityNote> quality_notes(const Environment& environment);

/// The members of Environment, by their names.
Json to_json(const Environment& environment);

}  // namespace nitro::measure
