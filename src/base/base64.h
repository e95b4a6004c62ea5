#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace nitro {

/// Base64 with padding (RFC 4648).
std::string base64(std::span<const std::byte> bytes);

/// The bytes of such text, without line breaks. Fails with kBadFile.
Result<std::string> from_base64(std::string_view text);

}  // namespace nitro
