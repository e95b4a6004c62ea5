#include "cli/recipe_arguments.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace nitro::cli {

Result<optimize::Step> parse_step(std::string_view text) {
  const size_t colon = text.find(':');
  optimize::Step step{std::string(text.substr(0, colon))};
  const passes::Pass* pass = TRY(passes::find_pass(step.pass));
  if (colon == std::string_view::npos) return step;
  std::string* value = nullptr;
  for (std::string_view piece : split(text.substr(colon + 1), ',')) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
      if (!value) {
        return fail(ErrorCode::kUsage, "'{}' is not a parameter of the form key=value",
                    display(piece, 80));
      }
      *value += "," + std::string(piece);
      continue;
    }
    const std::string_view key = piece.substr(0, equals);
    const auto known = split(pass->parameters, ' ');
    if (key.empty() || std::ranges::find(known, key) == known.end()) {
      return fail(ErrorCode::kBadRecipe, "{} has no parameter '{}'", pass->name, display(key, 80));
    }
    value = &step.parameters[std::string(key)];
    *value = piece.substr(equals + 1);
  }
  return step;
}

void RecipeArguments::declare(Arguments& arguments) {
  arguments.option("--recipe", "A recipe in TOML", file_);
  arguments.list("--pass", "A pass instead of a recipe: NAME or NAME:key=value,...", passes_);
}

Result<std::optional<optimize::Recipe>> RecipeArguments::recipe() const {
  if (!file_.empty() && !passes_.empty()) {
    return fail(ErrorCode::kUsage, "give --recipe or --pass, not both");
  }
  if (!file_.empty()) {
    const std::string text = TRY(read_file(file_, uint64_t{1} << 20));
    return TRY(in_context(optimize::recipe_from_toml(text), display(file_.native())));
  }
  if (passes_.empty()) return std::optional<optimize::Recipe>();
  optimize::Recipe recipe;
  for (const std::string& text : passes_) recipe.steps.push_back(TRY(parse_step(text)));
  return recipe;
}

}  // namespace nitro::cli
