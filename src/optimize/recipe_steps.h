#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace nitro::optimize {

inline constexpr int64_t kRecipeVersion = 1;

/// kBadRecipe at the line of `node`.
std::unexpected<Error> bad_recipe(const toml::node& node, const std::string& message,
                                  std::string hint = {});

/// Hands each table of the list `step` of a document of that version to `read`, in order.
/// kBadRecipe naming the line on malformed TOML and on other keys.
Result<void> read_steps(std::string_view text,
                        const std::function<Result<void>(const toml::node& step)>& read);

}  // namespace nitro::optimize
