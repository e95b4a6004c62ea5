#pragma once

#include <string_view>

namespace nitro {

/// The same as in the project() line of CMakeLists.txt, which a test checks.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace nitro
