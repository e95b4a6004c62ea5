#include "plan/kernel_json.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "plan/kernel_fields.h"

namespace nitro::plan {
namespace {

constexpr std::array<std::string_view, 7> kActivations = {"none", "gelu",       "gelu_tanh", "relu",
                                                          "silu", "hard_swish", "sigmoid"};
constexpr std::array<std::string_view, 3> kWides = {"nothing", "results", "operands"};
constexpr std::array<std::string_view, 3> kRowWorks = {"other", "normalize", "mean"};

std::unexpected<Error> wrong(std::string_view field) {
  return fail(ErrorCode::kBadFile, "the field '{}' of a kernel is missing or wrong",
              display(field, 40));
}

Json json_of(bool value) { return value; }
Json json_of(int64_t value) { return value; }
Json json_of(double value) { return value; }
Json json_of(const std::string& value) { return value; }
Json json_of(Activation value) { return kActivations.at(static_cast<size_t>(value)); }
Json json_of(Wide value) { return kWides.at(static_cast<size_t>(value)); }
Json json_of(RowWork::Kind value) { return kRowWorks.at(static_cast<size_t>(value)); }
Json json_of(BufferId value) { return value == kNoBuffer ? Json() : Json(int64_t{value}); }
Json json_of(const std::vector<BufferId>& values) {
  Json list = Json::array();
  for (BufferId value : values) list.push_back(json_of(value));
  return list;
}
template <class Fields>
requires Is<Fields, MatrixView> || Is<Fields, HeadView> || Is<Fields, RowWork> ||
    Is<Fields, Loop> || Is<Fields, Gemm> || Is<Fields, Attention> || Is<Fields, WindowAttention> ||
    Is<Fields, PooledHead>
        Json json_of(const Fields& fields) {
  Json json = Json::object();
  for_each_field(fields,
                 [&](std::string_view name, const auto& field) { json[name] = json_of(field); });
  return json;
}

bool read(const Json& json, bool& value) {
  value = json.as_bool();
  return json.is_bool();
}
bool read(const Json& json, int64_t& value) {
  value = json.as_integer();
  return json.is_integer();
}
bool read(const Json& json, double& value) {
  value = json.as_number();
  return json.is_number() && std::isfinite(value);
}
bool read(const Json& json, std::string& value) {
  value = json.as_string();
  return json.is_string();
}
/// The value of an enum by its name.
template <class Enum, size_t count>
bool read_name(const Json& json, const std::array<std::string_view, count>& names, Enum& value) {
  const auto found = std::ranges::find(names, json.as_string());
  if (found == names.end()) return false;
  value = static_cast<Enum>(found - names.begin());
  return true;
}
bool read(const Json& json, Activation& value) { return read_name(json, kActivations, value); }
bool read(const Json& json, Wide& value) { return read_name(json, kWides, value); }
bool read(const Json& json, RowWork::Kind& value) { return read_name(json, kRowWorks, value); }
bool read(const Json& json, BufferId& value) {
  value = kNoBuffer;
  if (json.is_null()) return true;
  const int64_t number = json.as_integer(-1);
  if (number < 0 || number >= int64_t{kNoBuffer}) return false;
  value = static_cast<BufferId>(number);
  return true;
}
bool read(const Json& json, std::vector<BufferId>& values) {
  for (const Json& item : json.items()) {
    BufferId value = kNoBuffer;
    if (!read(item, value)) return false;
    values.push_back(value);
  }
  return json.is_array();
}
template <class Fields>
requires Is<Fields, MatrixView> || Is<Fields, HeadView> || Is<Fields, RowWork>
bool read(const Json& json, Fields& fields) {
  bool good = true;
  for_each_field(fields, [&](std::string_view name, auto& field) {
    good = read(json.at(name), field) && good;
  });
  return good && json.is_object();
}

template <class Family>
Result<Kernel> read_kernel(const Json& json) {
  Family kernel;
  std::string_view bad;
  for_each_field(kernel, [&](std::string_view name, auto& field) {
    if (!read(json.at(name), field) && bad.empty()) bad = name;
  });
  if (!bad.empty()) return wrong(bad);
  return kernel;
}

}  // namespace

std::string_view family(const Kernel& kernel) {
  constexpr std::array<std::string_view, 5> kNames = {"loop", "gemm", "attention",
                                                      "window attention", "pooled head"};
  static_assert(std::variant_size_v<Kernel> == kNames.size());
  return kNames.at(kernel.index());
}

Json to_json(const Kernel& kernel) {
  Json json = Json::object();
  json["family"] = family(kernel);
  const Json fields = std::visit([](const auto& each) { return json_of(each); }, kernel);
  for (const auto& [name, value] : fields.members()) json[name] = value;
  return json;
}

Result<Kernel> kernel_from_json(const Json& json) {
  const std::string& word = json.at("family").as_string();
  if (word == "loop") return read_kernel<Loop>(json);
  if (word == "gemm") return read_kernel<Gemm>(json);
  if (word == "attention") return read_kernel<Attention>(json);
  return wrong("family");
}

}  // namespace nitro::plan
