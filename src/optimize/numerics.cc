#include "optimize/numerics.h"

#include <algorithm>
#include <cmath>

namespace nitro::optimize {
namespace {

double epsilon_of(DType dtype) {
  switch (dtype) {
    case DType::kF16:
      return 0x1p-10;
    case DType::kBF16:
      return 0x1p-7;
    case DType::kF64:
      return 0x1p-52;
    default:
      return 0x1p-23;
  }
}

}  // namespace

Difference difference(const Tensor& expected, const Tensor& actual) {
  Difference result;
  const std::vector<double> a = expected.as<double>();
  const std::vector<double> b = actual.as<double>();
  double dot = 0, norm_a = 0, norm_b = 0, norm_difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    result.finite = result.finite && std::isfinite(a[i]) && std::isfinite(b[i]);
    dot += a[i] * b[i];
    norm_a += a[i] * a[i];
    norm_b += b[i] * b[i];
    norm_difference += (a[i] - b[i]) * (a[i] - b[i]);
    result.max_abs = std::max(result.max_abs, std::abs(a[i] - b[i]));
  }
  const double scale = a.empty() ? 0 : std::sqrt(norm_a / static_cast<double>(a.size()));
  for (size_t i = 0; i < a.size(); ++i) {
    const double unit = std::max(std::abs(a[i]), scale) * epsilon_of(expected.dtype());
    if (unit > 0) result.max_ulp = std::max(result.max_ulp, std::abs(a[i] - b[i]) / unit);
  }
  if (norm_a > 0 && norm_b > 0) {
    result.cosine = dot / std::sqrt(norm_a * norm_b);
  } else {
    result.cosine = norm_a == norm_b ? 1 : 0;
  }
  if (norm_difference > 0) result.relative = std::sqrt(norm_difference / norm_a);
  result.mistrusted = a.size() > 1 && std::ranges::all_of(a, [&](double x) { return x == a[0]; });
  return result;
}

Tolerance tolerance_of(const Json& environment) {
  return environment.at("precision").as_string() == "f16" ? kHalf : kExact;
}

Json to_json(const NumericCheck& check) {
  const Difference& found = check.difference;
  Json json = Json::object();
  json["runner"] = check.runner;
  json["input"] = check.input;
  json["output"] = check.output;
  json["cosine"] = found.finite ? Json(std::min(1.0, found.cosine)) : Json();
  json["max_abs"] = found.finite ? Json(found.max_abs) : Json();
  json["max_ulp"] = found.finite ? Json(found.max_ulp) : Json();
  json["mistrusted"] = found.mistrusted;
  json["ok"] = check.ok();
  return json;
}

}  // namespace nitro::optimize
