#pragma once

#include <string>

#include "base/json.h"
#include "ir/tensor.h"

namespace nitro::optimize {

/// How far one output is from what it should be.
struct Difference {
  double cosine = 1;
  double relative = 0;  // length of the difference over the length of the expected output
  double max_abs = 0;
  double max_ulp = 0;  // in units of the last place of the expected value's dtype
  bool finite = true;
  bool mistrusted = false;  // the expected output is constant: equality proves nothing
};

/// Compares tensors of one type; max_ulp counts from the larger magnitude of the tensor's root mean
/// square and the element, so that cancellation near zero does not drown the rest.
Difference difference(const Tensor& expected, const Tensor& actual);

/// What a rewrite must reach on a runner: the cosine, and the relative difference at that cosine,
/// sqrt(2 * (1 - cosine)), because the cosine alone does not see a wrong scale.
struct Tolerance {
  double cosine = 0;
  double relative = 0;
};
inline constexpr Tolerance kExact = {0.999999, 1.5e-3};
/// Where the values between nodes are stored as f16.
inline constexpr Tolerance kHalf = {0.9999, 1.5e-2};

/// By what a runner says of its precision in the environment of its hello.
Tolerance tolerance_of(const Json& environment);

struct NumericCheck {
  std::string runner;
  std::string input;  // the name of an InputKind
  std::string output;
  Difference difference;
  /// Largest error of the original model itself on this runner, measured by the reference executor;
  /// 0 where unknown. Some runtimes approximate functions to a fixed absolute error, which drowns
  /// outputs close to zero whatever the graph.
  double own_error = 0;
  Tolerance tolerance = kExact;
  bool ok() const {
    const bool close =
        difference.cosine >= tolerance.cosine && difference.relative <= tolerance.relative;
    return difference.finite && (close || difference.max_abs <= 2 * own_error);
  }
};

/// An item of `numerics` in docs/result.schema.json.
Json to_json(const NumericCheck& check);

}  // namespace nitro::optimize
