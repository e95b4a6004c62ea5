#pragma once

#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace nitro::report {

/// What the pages rely on: version, kind, lists that are lists, and a module tree whose parents
/// stand before their children. Anything else that is missing is shown as unknown. Fails with
/// kBadFile.
Result<void> check_document(const Json& result);

/// Whether a kept pass changes what the model computes.
bool is_lossy(const Json& result);

/// The measured model that the page opens with: the optimised one, or the baseline where there is
/// none.
const Json& shown_model(const Json& result);

/// "optimized" or "baseline", as above.
std::string_view shown_key(const Json& result);

}  // namespace nitro::report
