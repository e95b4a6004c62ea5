#include "measure/environment.h"

#include <fmt/core.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "base/text.h"
#include "measure/system_text.h"

namespace nitro::measure {
namespace {

constexpr std::array<std::string_view, 16> kIsaOfInterest = {
    "sse4_2",   "avx",      "avx2",     "fma",         "f16c",        "avx512f",
    "avx512bw", "avx512vl", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_tile",
    "amx_int8", "amx_bf16", "asimd",    "asimddp"};
constexpr double kIdleLoadPerProcessor = 0.5;
constexpr double kScarceMemory = 0.1;

std::string first_known(std::initializer_list<std::string_view> values) {
  for (std::string_view value : values) {
    if (!value.empty()) return to_valid_utf8(value);
  }
  return {};
}

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

/// "MemTotal:  24684520 kB" in bytes; 0 where missing or malformed.
int64_t kilobytes(std::string_view text, std::string_view key) {
  std::string_view value = line_value(text, key);
  if (!value.ends_with(" kB")) return 0;
  value.remove_suffix(3);
  int64_t count = 0;
  if (!parse_integer(value, count) || count < 0 || count > (INT64_MAX >> 10)) return 0;
  return count << 10;
}

void read_cpu(Environment& environment, const std::filesystem::path& root) {
  const std::string text = system_text(root / "proc/cpuinfo").value_or("");
  environment.cpu_model = first_known(
      {line_value(text, "model name"), line_value(text, "Hardware"), line_value(text, "CPU part")});
  environment.microcode = to_valid_utf8(line_value(text, "microcode"));
  for (std::string_view line : split(text, '\n')) {
    if (line.starts_with("processor")) ++environment.processors;
  }
  const std::string flags = first_known({line_value(text, "flags"), line_value(text, "Features")});
  const std::vector<std::string_view> words = split(flags, ' ');
  const auto has = [&](std::string_view word) {
    return std::ranges::find(words, word) != words.end();
  };
  for (std::string_view word : kIsaOfInterest) {
    if (has(word)) environment.isa.emplace_back(word);
  }
  environment.virtual_machine = has("hypervisor");
  environment.caches = read_cpu_caches(root);
  environment.governor = to_valid_utf8(
      system_text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").value_or(""));
}

void read_memory(Environment& environment, const std::filesystem::path& root) {
  const std::string text = system_text(root / "proc/meminfo").value_or("");
  environment.memory_bytes = kilobytes(text, "MemTotal");
  environment.available_memory_bytes = kilobytes(text, "MemAvailable");
  environment.swap_used_bytes =
      std::max<int64_t>(0, kilobytes(text, "SwapTotal") - kilobytes(text, "SwapFree"));
}

void read_system(Environment& environment, const std::filesystem::path& root) {
  environment.board = to_valid_utf8(system_text(root / "proc/device-tree/model").value_or(""));
  environment.os = to_valid_utf8(
      line_value(system_text(root / "etc/os-release").value_or(""), "PRETTY_NAME", '='));
  environment.kernel = to_valid_utf8(system_text(root / "proc/sys/kernel/osrelease").value_or(""));
  const std::string load = system_text(root / "proc/loadavg").value_or("");
  double value = 0;
  if (parse_number(split(load, ' ').front(), value) && std::isfinite(value) && value >= 0) {
    environment.load_average = value;
  }
  std::error_code ignored;
  environment.container = std::filesystem::exists(root / ".dockerenv", ignored) ||
                          std::filesystem::exists(root / "run/.containerenv", ignored);
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), size);
}

}  // namespace

Environment read_environment(const std::filesystem::path& root) {
  Environment environment;
  environment.usable_processors = usable_processors();
  read_cpu(environment, root);
  read_memory(environment, root);
  read_system(environment, root);
  environment.time = utc_now();
  return environment;
}

std::vector<QualityNote> quality_notes(const Environment& environment) {
  std::vector<QualityNote> notes;
  if (environment.virtual_machine) {
    notes.push_back({QualityCode::kClockUnlocked, "a virtual machine does not control its clocks"});
  } else if (environment.governor.empty()) {
    notes.push_back({QualityCode::kClockUnlocked, "the governor is unknown"});
  } else if (environment.governor != "performance") {
    notes.push_back(
        {QualityCode::kClockUnlocked, fmt::format("governor {}", display(environment.governor))});
  }
  const int processors = std::max(1, environment.processors);
  if (environment.load_average > kIdleLoadPerProcessor * processors) {
    notes.push_back({QualityCode::kOtherLoad, fmt::format("load average {:.2f} on {} processors",
                                                          environment.load_average, processors)});
  }
  const auto total = static_cast<double>(environment.memory_bytes);
  const auto available = static_cast<double>(environment.available_memory_bytes);
  if (total > 0 && available < kScarceMemory * total) {
    notes.push_back({QualityCode::kLowMemory,
                     fmt::format("{:.1f} of {:.1f} GB available", available * 1e-9, total * 1e-9)});
  }
  return notes;
}

Json to_json(const Environment& environment) {
  Json json = Json::object();
  json["cpu_model"] = environment.cpu_model;
  json["microcode"] = environment.microcode;
  json["board"] = environment.board;
  json["processors"] = environment.processors;
  json["usable_processors"] = environment.usable_processors;
  json["caches"] = Json::array();
  for (const CpuCache& cache : environment.caches) json["caches"].push_back(to_json(cache));
  json["governor"] = environment.governor;
  json["isa"] = Json::array_of(environment.isa);
  json["memory_bytes"] = environment.memory_bytes;
  json["available_memory_bytes"] = environment.available_memory_bytes;
  json["swap_used_bytes"] = environment.swap_used_bytes;
  json["kernel"] = environment.kernel;
  json["os"] = environment.os;
  json["load_average"] = environment.load_average;
  json["virtual_machine"] = environment.virtual_machine;
  json["container"] = environment.container;
  json["time"] = environment.time;
  return json;
}

}  // namespace nitro::measure
