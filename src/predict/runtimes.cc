#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "predict/device.h"
#include "predict/toml_fields.h"
#include "predict_embedded.h"

namespace nitro::predict {
namespace {

constexpr std::array kShipped = {embedded::nitro_toml, embedded::tensorrt_10_ampere_toml,
                                 embedded::tensorrt_8_toml, embedded::tensorrt_8_volta_toml};

/// "key = ["a", "b"]\n"; nothing where there are none.
std::string list(std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  return fmt::format("{} = [\"{}\"]\n", key, fmt::join(texts, "\", \""));
}

}  // namespace

Result<Runtime> read_runtime(std::string_view text, const std::string& file) {
  const toml::table table = TRY(parse_toml(text, file));
  TomlFields fields(table, file);
  Runtime runtime;
  fields.text("name", runtime.name);
  fields.text("title", runtime.title);
  fields.positive("spread", runtime.spread);
  fields.text("source", runtime.source);
  TomlFields rates(fields.inner("rates"), file);
  fields.optional();
  fields.truth("own_plan", runtime.own_plan);
  fields.choice("fusion", kFusionNames, runtime.fusion);
  fields.texts("devices", runtime.devices);
  fields.choices("rare", kFamilyNames, runtime.rare);
  read_rates(rates, runtime.rates);
  TRY(fields.done());
  TRY(rates.done());
  return runtime;
}

std::string to_toml(const Runtime& runtime) {
  std::string text =
      fmt::format("name = {}\ntitle = {}\nspread = {:.3f}\n", toml_string(runtime.name),
                  toml_string(runtime.title), runtime.spread);
  if (runtime.own_plan) text += "own_plan = true\n";
  if (runtime.fusion != Fusion::kTensorrt8)
    text += fmt::format("fusion = \"{}\"\n", name(runtime.fusion));
  text += list("devices", runtime.devices);
  std::vector<std::string> rare;
  for (Family family : runtime.rare) rare.emplace_back(name(family));
  text += list("rare", rare);
  text += fmt::format("source = {}\n\n[rates]\n", toml_string(runtime.source));
  return text + rates_text(rounded(runtime.rates));
}

Rates rounded(Rates rates) {
  for_each_rate(rates, [](std::string_view, double& rate, double) {
    static_cast<void>(parse_number(fmt::format("{:.4g}", rate), rate));
  });
  return rates;
}

bool is_fitted_to(const Runtime& runtime, const Device& device) {
  return std::ranges::find(runtime.devices, device.name) != runtime.devices.end();
}

const std::vector<Runtime>& runtimes() {
  static const std::vector<Runtime> list = [] {
    std::vector<Runtime> read;
    for (std::string_view text : kShipped) {
      auto runtime = read_runtime(text, "a runtime of Nitro");
      if (!runtime) std::abort();  // the file is part of the program, and a test reads it
      read.push_back(std::move(*runtime));
    }
    return read;
  }();
  return list;
}

std::vector<std::string> runtime_names() {
  std::vector<std::string> names;
  for (const Runtime& runtime : runtimes()) names.push_back(runtime.name);
  return names;
}

Result<const Runtime*> find_runtime(std::string_view name) {
  for (const Runtime& runtime : runtimes()) {
    if (runtime.name == name) return &runtime;
  }
  return fail_with_hint(ErrorCode::kUsage,
                        fmt::format("there is no runtime '{}'", display(name, 40)),
                        fmt::format("runtimes: {}", fmt::join(runtime_names(), ", ")));
}

}  // namespace nitro::predict
