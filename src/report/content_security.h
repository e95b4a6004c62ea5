#pragma once

#include <string>
#include <string_view>

namespace nitro::report {

/// A Content-Security-Policy under which a page runs `script`, inline and byte for byte, and
/// nothing else, and loads nothing.
std::string content_security_policy(std::string_view script);

}  // namespace nitro::report
