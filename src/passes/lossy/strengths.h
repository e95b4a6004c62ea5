#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "passes/lossy/calibration.h"
#include "passes/pass.h"

namespace nitro::passes {

/// Whether the module `name` is `prefix` or in it.
bool is_in_module(std::string_view name, std::string_view prefix);

/// A share of 0 … 1 for all modules ("0.75"), or for some ("layers.0=0.5,layers.2=0.75").
class Shares {
 public:
  static Result<Shares> parse(std::string_view parameter, std::string_view text);

  /// That of the innermost module that was named and holds `name`; 1 where none does.
  double of(std::string_view name) const;
  /// Fails with kBadRecipe where a named module holds none of `names`.
  Result<void> check(const std::vector<std::string>& names) const;

 private:
  struct Share {
    std::string module;  // empty: all
    double value;
  };
  std::string parameter_;
  std::vector<Share> shares_;
};

/// The number `parameter` of a recipe, at least `low`; `standard` where it is not there.
Result<double> number(const Parameters& parameters, const std::string& parameter, double standard,
                      double low);
/// The text of it.
std::string text(const Parameters& parameters, const std::string& parameter,
                 std::string standard = {});

/// The file `calibration`. Fails with kBadRecipe where the recipe names none, and as
/// read_calibration() does.
Result<Calibration> calibration(const Parameters& parameters);

/// `share` of `width` as a multiple of `tile`: the nearest, at least one tile, at most `width`.
size_t rounded(double share, size_t width, size_t tile);

}  // namespace nitro::passes
