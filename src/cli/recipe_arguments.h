#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "optimize/recipe.h"

namespace nitro::cli {

/// The arguments by which a verb takes a recipe: --recipe FILE, or --pass for each step.
class RecipeArguments {
 public:
  void declare(Arguments& arguments);
  /// Nothing where neither was given; kUsage where both were.
  Result<std::optional<optimize::Recipe>> recipe() const;

 private:
  std::filesystem::path file_;
  std::vector<std::string> passes_;
};

/// "batch-modalities:modalities=rgb,depth": a pass, and keys with their values. A piece between
/// commas that has no '=' belongs to the value before it. Fails with kUsage and kBadRecipe.
Result<optimize::Step> parse_step(std::string_view text);

}  // namespace nitro::cli
