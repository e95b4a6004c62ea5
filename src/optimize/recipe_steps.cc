#include "optimize/recipe_steps.h"

#include "base/text.h"

namespace nitro::optimize {
std::unexpected<Error> bad_recipe(const toml::node& node, const std::string& message,
                                  std::string hint) {
  return fail_with_hint(ErrorCode::kBadRecipe,
                        fmt::format("line {}: {}", node.source().begin.line, message),
                        std::move(hint));
}

Result<void> read_steps(std::string_view text,
                        const std::function<Result<void>(const toml::node& step)>& read) try {
  const toml::table root = toml::parse(text);
  for (const auto& [key, value] : root) {
    if (key.str() == "version") {
      if (value.value<int64_t>() != kRecipeVersion)
        return bad_recipe(value, fmt::format("only version {} is known", kRecipeVersion));
    } else if (key.str() == "step") {
      const toml::array* steps = value.as_array();
      if (!steps) return bad_recipe(value, "'step' must be a list of tables");
      for (const toml::node& step : *steps) TRY(read(step));
    } else {
      return bad_recipe(value, fmt::format("unknown key '{}'", display(key.str())));
    }
  }
  return {};
} catch (const toml::parse_error& error) {
  return fail(ErrorCode::kBadRecipe, "line {}: {}", error.source().begin.line,
              display(error.description()));
}

}  // namespace nitro::optimize
