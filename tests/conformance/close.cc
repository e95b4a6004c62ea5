#include "close.h"

#include <cmath>

namespace nitro::conformance {
namespace {

constexpr double kRelative = 1e-3;
constexpr double kRelativeBF16 = 1.0 / 128;  // one unit in the last place
constexpr double kAbsolute = 1e-7;

bool is_close(double wanted, double got, double relative) {
  if (std::isnan(wanted) || std::isnan(got)) return std::isnan(wanted) && std::isnan(got);
  if (std::isinf(wanted) || std::isinf(got)) return wanted == got;
  return std::abs(got - wanted) <= kAbsolute + relative * std::abs(wanted);
}

}  // namespace

Result<void> check_close(const Tensor& wanted, const Tensor& got) {
  if (wanted.type() != got.type()) {
    return fail(ErrorCode::kCheckFailed, "{} instead of {}", text(got.type()), text(wanted.type()));
  }
  if (!is_float(wanted.dtype()) && wanted == got) return {};
  const std::vector<double> expected = wanted.as<double>();
  const std::vector<double> actual = got.as<double>();
  const double relative = wanted.dtype() == DType::kBF16 ? kRelativeBF16 : kRelative;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (is_float(wanted.dtype()) ? is_close(expected[i], actual[i], relative)
                                 : expected[i] == actual[i]) {
      continue;
    }
    return fail(ErrorCode::kCheckFailed, "element {} of {} is {} instead of {}", i,
                text(wanted.type()), actual[i], expected[i]);
  }
  return {};
}

}  // namespace nitro::conformance
