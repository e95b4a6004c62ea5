#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.h"

namespace nitro::trace {

/// The JSON of programs that do not escape what they write: raw control characters, backslashes and
/// quotes inside of text, `nan` and `inf` (read as null), a document that ends early. A quote ends
/// its text where `,`, `:`, `]`, `}` or the end follows. Fails with kBadFile.
Result<Json> parse_lenient_json(std::string_view text);

/// The same of a file of at most `max_bytes`.
Result<Json> read_lenient_json(const std::filesystem::path& path,
                               uint64_t max_bytes = uint64_t{256} << 20);

/// A number, or text that is one; `fallback` for anything else.
double lenient_number(const Json& value, double fallback);

}  // namespace nitro::trace
