#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "predict/device.h"
#include "predict/toml_fields.h"
#include "predict_embedded.h"

namespace nitro::predict {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 20;

constexpr std::array kShipped = {
    embedded::jetson_agx_orin_toml,  embedded::jetson_agx_xavier_toml,
    embedded::jetson_nano_5w_toml,   embedded::jetson_nano_toml,
    embedded::jetson_orin_nano_toml, embedded::jetson_orin_nano_super_toml,
    embedded::jetson_tx1_toml,       embedded::jetson_tx2_toml,
    embedded::jetson_xavier_nx_toml,
};

Result<Device> read_file_of(const std::filesystem::path& path) {
  return read_device(TRY(read_file(path, kMostBytes)), path.string());
}

Result<FittedRates> read_fitted(const toml::table& table, const std::string& file) {
  TomlFields fields(table, file);
  FittedRates fitted;
  fields.positive("spread", fitted.spread);
  fields.text("source", fitted.source);
  read_rates(fields, fitted.rates);
  TRY(fields.done());
  return fitted;
}

/// [rates.NAME] for each runtime.
Result<void> read_all_rates(const toml::table& tables, const std::string& file,
                            std::map<std::string, FittedRates>& all) {
  for (const auto& [key, node] : tables) {
    const std::string name(key.str());
    const toml::table* table = node.as_table();
    const Result<const Runtime*> known = find_runtime(name);
    if (!known || !table) {
      return fail(ErrorCode::kBadFile, "{}, line {}: 'rates.{}' must be the table of a runtime",
                  display(file), node.source().begin.line, display(name, 40));
    }
    all[name] = TRY(read_fitted(*table, fmt::format("{}, [rates.{}]", file, name)));
  }
  return {};
}

}  // namespace

Result<Device> read_device(std::string_view text, const std::string& file) {
  const toml::table table = TRY(parse_toml(text, file));
  TomlFields fields(table, file);
  Device device;
  fields.text("name", device.name);
  fields.text("title", device.title);
  fields.text("arch", device.arch);
  fields.positive("multiprocessors", device.multiprocessors);
  fields.positive("gpu_mhz", device.gpu_mhz);
  fields.positive("fp32_per_clock", device.fp32_per_clock);
  fields.positive("fp16_per_clock", device.fp16_per_clock);
  fields.positive("bytes_per_s", device.bytes_per_s);
  fields.positive("memory_bytes", device.memory_bytes);
  fields.text("source", device.source);
  fields.optional();
  fields.positive("host_slowdown", device.host_slowdown);
  fields.positive("tf32_per_clock", device.tf32_per_clock);
  fields.text("runtime", device.runtime);
  fields.truth("has_int8", device.has_int8);
  const toml::table& rates = fields.inner("rates");
  TRY(fields.done());
  TRY(read_all_rates(rates, file, device.rates));
  return device;
}

std::string to_toml(const Device& device) {
  std::string text = fmt::format(
      "name = {}\ntitle = {}\narch = {}\nmultiprocessors = {}\ngpu_mhz = {}\nfp32_per_clock = {}\n"
      "fp16_per_clock = {}\n{}bytes_per_s = {}\nmemory_bytes = {}\nhost_slowdown = {}\n"
      "runtime = {}\nhas_int8 = {}\nsource = {}\n",
      toml_string(device.name), toml_string(device.title), toml_string(device.arch),
      device.multiprocessors, device.gpu_mhz, device.fp32_per_clock, device.fp16_per_clock,
      device.tf32_per_clock > 0 ? fmt::format("tf32_per_clock = {}\n", device.tf32_per_clock) : "",
      device.bytes_per_s, device.memory_bytes, device.host_slowdown, toml_string(device.runtime),
      device.has_int8, toml_string(device.source));
  for (const auto& [runtime, fitted] : device.rates) {
    text += fmt::format("\n[rates.{}]\nspread = {}\nsource = {}\n{}", runtime, fitted.spread,
                        toml_string(fitted.source), rates_text(fitted.rates));
  }
  return text;
}

Result<std::vector<Device>> devices(const std::filesystem::path& folder) {
  std::map<std::string, Device> by_name;
  for (std::string_view text : kShipped) {
    Device device = TRY(read_device(text, "a device of Nitro"));
    by_name[device.name] = std::move(device);
  }
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".toml") continue;
    Device device = TRY(read_file_of(entry->path()));
    by_name[device.name] = std::move(device);
  }
  std::vector<Device> list;
  for (auto& [name, device] : by_name) list.push_back(std::move(device));
  return list;
}

std::filesystem::path user_device_folder() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  if (config && *config) return std::filesystem::path(config) / "nitro/devices";
  return home && *home ? std::filesystem::path(home) / ".config/nitro/devices" : "";
}

Result<Device> find_device(const std::string& name) {
  if (name.ends_with(".toml")) return read_file_of(name);
  std::vector<std::string> names;
  std::vector<Device> known = TRY(devices(user_device_folder()));
  for (Device& device : known) {
    if (device.name == name) return std::move(device);
    names.push_back(device.name);
  }
  const std::string near = closest(name, names);
  return fail_with_hint(
      ErrorCode::kUsage, fmt::format("there is no device '{}'", display(name, 40)),
      near.empty() ? fmt::format("devices: {}; or a .toml file of your own", fmt::join(names, ", "))
                   : fmt::format("did you mean '{}'?", near));
}

Result<Runtime> find_runtime_on(const Device& device, std::string_view name, Precision precision) {
  Runtime runtime = *TRY(find_runtime(name));
  const auto found = device.rates.find(runtime.name);
  const bool measured = precision == Precision::kFp16 || !device.has_tensor_cores();
  if (found == device.rates.end() || !measured) return runtime;
  static_cast<FittedRates&>(runtime) = found->second;
  runtime.devices = {device.name};
  runtime.rare.clear();
  return runtime;
}

}  // namespace nitro::predict
