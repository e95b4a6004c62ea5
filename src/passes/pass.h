#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// Parameters of one use of a pass, as text from a recipe; unknown keys are refused.
using Parameters = std::map<std::string, std::string>;

/// What a pass does to the function of a graph: keeps it up to rounding, or changes it.
enum class Kind : uint8_t { kExact, kLossy };

/// "exact" or "lossy".
std::string_view name(Kind kind);

/// A named graph rewrite.
struct Pass {
  std::string_view name;
  std::string_view summary;
  /// Rewrites `graph`; returns whether it changed anything. On an error `graph` is unchanged.
  Result<bool> (*run)(Graph& graph, const Parameters& parameters);
  std::string_view parameters = "";  // names it takes, separated by spaces
  Kind kind = Kind::kExact;
};

/// Every pass, sorted by name. The only list of them.
std::span<const Pass> all_passes();

/// The pass called `name`, or kBadRecipe with a suggestion.
Result<const Pass*> find_pass(std::string_view name);

/// Runs a pass on a copy and verifies the graph before and after; `graph` changes only on success.
Result<bool> run_pass(const Pass& pass, Graph& graph, const Parameters& parameters = {});

/// What tidies up after any other pass.
inline const std::vector<std::string_view> kCleanUps = {
    "fold-constants", "order-operands", "remove-identities", "merge-common-subexpressions",
    "eliminate-dead-code"};

/// Runs passes that take no parameters one after the other, without verifying; where one fails,
/// `graph` is what those before it made.
Result<void> run_passes(Graph& graph, const std::vector<std::string_view>& names);

}  // namespace nitro::passes
