#include "report/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace nitro::report {
namespace {

constexpr std::string_view kUnknown = "–";
// A number and its unit stay on one line.
constexpr std::string_view kSpace = "\u00A0";

struct Scale {
  double factor;
  std::string_view unit;
};

Scale time_scale(double nanoseconds) {
  const double size = std::abs(nanoseconds);
  if (size >= 1e9) return {1e9, "s"};
  if (size >= 1e6) return {1e6, "ms"};
  if (size >= 1e3) return {1e3, "µs"};
  return {1, "ns"};
}

}  // namespace

std::string text(std::string_view name, size_t max_cells) {
  return escape_html(display(name, max_cells));
}

std::string significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return "0";
  // The exponent after rounding, which can carry: 9.996 has one digit more than it seems.
  const std::string rounded = fmt::format("{:.{}e}", value, digits - 1);
  int magnitude = 0;
  std::from_chars(rounded.data() + rounded.find('e') + (rounded.contains("e+") ? 2 : 1),
                  rounded.data() + rounded.size(), magnitude);
  return fmt::format("{:.{}f}", value, std::clamp(digits - 1 - magnitude, 0, 12));
}

std::string duration(double nanoseconds) {
  const Scale scale = time_scale(nanoseconds);
  const double value = nanoseconds / scale.factor;
  return fmt::format("{}{}{}", significant(value, std::abs(value) >= 100 ? 4 : 3), kSpace,
                     scale.unit);
}

std::string duration(const Json& nanoseconds) {
  return nanoseconds.is_number() ? duration(nanoseconds.as_number()) : std::string(kUnknown);
}

std::string interval(const Json& low_ns, const Json& high_ns) {
  if (!low_ns.is_number() || !high_ns.is_number()) return "no interval";
  const Scale scale = time_scale(high_ns.as_number());
  return fmt::format("[{}, {}]{}{}", significant(low_ns.as_number() / scale.factor, 4),
                     significant(high_ns.as_number() / scale.factor, 4), kSpace, scale.unit);
}

std::string quantity(const Json& value, std::string_view unit) {
  if (!value.is_number()) return std::string(kUnknown);
  constexpr std::array<std::string_view, 6> kPrefixes = {"", "k", "M", "G", "T", "P"};
  double number = value.as_number();
  size_t prefix = 0;
  while (std::abs(number) >= 999.5 && prefix + 1 < kPrefixes.size()) {
    number /= 1000;
    ++prefix;
  }
  return fmt::format("{}{}{}{}", significant(number, 3), kSpace, kPrefixes[prefix], unit);
}

std::string binary_bytes(int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto number = static_cast<double>(bytes);
  size_t unit = 0;
  while (std::abs(number) >= 1024 && unit + 1 < kUnits.size()) {
    number /= 1024;
    ++unit;
  }
  const bool whole = number == std::floor(number);
  return fmt::format("{}{}{}", whole ? fmt::format("{:.0f}", number) : significant(number, 3),
                     kSpace, kUnits[unit]);
}

std::string percent(double share) {
  const double value = 100 * share;
  if (std::abs(value) >= 9.95) return fmt::format("{:.0f}{}%", value, kSpace);
  if (std::abs(value) >= 0.095 || value == 0) return fmt::format("{:.1f}{}%", value, kSpace);
  return fmt::format("{:.2f}{}%", value, kSpace);
}

std::string counted_share(const Json& counted) {
  if (!counted.is_object()) return std::string(kUnknown);
  return fmt::format(
      "{:.1f}{}%",
      100 * counted.at("hits").as_number() / std::max(1.0, counted.at("images").as_number()),
      kSpace);
}

std::string signed_points(double points) {
  const std::string digits = fmt::format("{:.1f}", std::abs(points));
  if (digits == "0.0") return digits;
  return (points < 0 ? "−" : "+") + digits;
}

std::string speedup(const Json& factor) {
  return factor.is_number() ? fmt::format("{:.2f}×", factor.as_number()) : std::string(kUnknown);
}

std::string scientific(const Json& value) {
  if (!value.is_number()) return std::string(kUnknown);
  if (value.as_number() == 0) return "0";
  std::string digits = fmt::format("{:.1e}", value.as_number());
  // "2.4e-06" reads better as "2.4e-6".
  const size_t exponent = digits.find('e') + 2;
  if (digits[exponent] == '0') digits.erase(exponent, 1);
  return digits;
}

std::string grouped(int64_t value) {
  const std::string digits = std::to_string(value);
  const size_t first = value < 0 ? 1 : 0;
  std::string result;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

}  // namespace nitro::report
