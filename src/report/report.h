#pragma once

#include <string>

#include "base/error.h"
#include "base/json.h"

namespace nitro::report {

/// The report of a result (docs/result.schema.json) as one HTML page that loads nothing from
/// elsewhere. The same document gives the same bytes. Fails with kBadFile on another kind of
/// document.
Result<std::string> render(const Json& result);

}  // namespace nitro::report
