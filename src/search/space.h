#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "optimize/recipe.h"

namespace nitro::search {

inline constexpr std::string_view kOn = "on";
inline constexpr std::string_view kOff = "off";

/// Something that a search chooses: one of some texts, or a number of a range.
struct Dimension {
  std::string name;                       // "prune-neurons", "prune-neurons.ratio", "order"
  std::vector<std::string> choices = {};  // empty: a range
  double low = 0;
  double high = 0;
  double step = 1;
  bool whole = false;     // a range of integers
  std::string when = {};  // has a value only where the dimension of this name is kOn
  /// Of a parameter with a value for each of some modules, "module=value,module=value".
  std::string module = {};

  bool operator==(const Dimension&) const = default;
  /// Of a range, `low` first.
  std::string value(int64_t index) const;
  /// How many values there are.
  int64_t size() const;
};

/// What was chosen, by the names of the dimensions; those that have no value are not there.
using Point = std::map<std::string, std::string>;

/// A pass of the space, or the exact passes together.
struct SpaceStep {
  std::string name;          // unique: the pass, with a number from its second use
  optimize::Step step = {};  // with the parameters that are fixed
  bool standard = false;     // the standard recipe in the place of a pass
  bool optional = true;
  bool free_order = false;
  std::vector<Dimension> parameters = {};  // named as in the recipe
  std::string parameter_name(const Dimension& parameter) const {
    return name + "." + parameter.name + (parameter.module.empty() ? "" : "." + parameter.module);
  }
};

/// The recipes that a search may try. As TOML a recipe with freedom:
///     version = 1
///     [[step]]
///     recipe = "standard"          # the exact passes for the runner
///     [[step]]
///     pass = "prune-neurons"
///     optional = true              # the default: also without it; false: always with it
///     order = "free"               # changes places with the others that say so, at most 4
///     ratio = {low = 0.1, high = 0.5, step = 0.1}
///     method = ["ridge", "none"]   # one of them
///     ridge = "0.01"               # fixed
///     keep = {"layers.0" = ["0.25", "0.5"], "layers.2" = {low = 0.4, high = 0.9, step = 0.1}}
/// Passes that take a calibration and name none get that of the graph that they are applied to.
struct Space {
  std::vector<SpaceStep> steps;

  /// Each after the one that it has as `when`.
  std::vector<Dimension> dimensions() const;
  /// What is not a dimension, for telling one space from another.
  Json fixed() const;
};

/// Fails with kBadRecipe naming the line: malformed TOML, an unknown pass or parameter, a value
/// that is no text, list or range, or a space without a step.
Result<Space> space_from_toml(std::string_view text);

/// The space that is searched where the user names none.
std::string_view default_space();

/// The recipe at `point`, with the exact passes of `standard` and with clean-ups after each other
/// pass. kBadRecipe on a value that the space does not have.
Result<optimize::Recipe> recipe_of(const Space& space, const Point& point,
                                   const optimize::Recipe& standard);

/// "prune-neurons ratio=0.3, quantize-int8": what the point turns on, in order.
std::string description(const Space& space, const Point& point);

// As the sampler takes and gives them: numbers for ranges.
Json to_json(const Dimension& dimension);
Json to_json(const Point& point, const std::vector<Dimension>& dimensions);
/// kRunnerFailed on what is not a value of each.
Result<Point> point_from_json(const Json& json, const std::vector<Dimension>& dimensions);

}  // namespace nitro::search
