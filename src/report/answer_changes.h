#pragma once

#include <string>

#include "base/json.h"

namespace nitro::report {

// Parts of the section on accuracy. Each takes `accuracy` of the result and gives HTML, "" where
// nothing changed.

/// The pairs of true and answered class whose count changed most.
std::string confusion_changes(const Json& accuracy);

/// Images whose answer changed.
std::string changed_examples(const Json& accuracy);

}  // namespace nitro::report
