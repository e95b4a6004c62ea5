#pragma once

#include <string_view>

#include "base/json.h"

namespace nitro::report {

/// A small result of `nitro optimize` for tests, with `name` wherever a name from outside can
/// stand, and `layers` layers on each side.
Json sample_document(std::string_view name = "model", int layers = 4);

}  // namespace nitro::report
