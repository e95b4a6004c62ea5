#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nitro::report {

/// A Content-Security-Policy under which a page runs `script`, inline and byte for byte, and
/// nothing else, and loads nothing.
std::string content_security_policy(std::string_view script);

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::span<const uint8_t> bytes);

}  // namespace nitro::report
