#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace nitro::report {

// Texts for people, in the C locale, safe to put into HTML. Numbers that are not known are "–".

/// A name from outside: cut in the middle where long, controls shown, escaped.
std::string text(std::string_view name, size_t max_cells = 160);

/// "217.3 ms", "3.40 µs".
std::string duration(const Json& nanoseconds);
std::string duration(double nanoseconds);

/// "[216.1, 218.9] ms", both in one unit.
std::string interval(const Json& low_ns, const Json& high_ns);

/// A value with an SI prefix: quantity(8.74e9, "FLOP/s") is "8.74 GFLOP/s".
std::string quantity(const Json& value, std::string_view unit);

/// A value with a binary prefix: "48 KiB".
std::string binary_bytes(int64_t bytes);

/// "61 %", "4.2 %", "0.03 %"; of a share 0..1.
std::string percent(double share);

/// "61.4 %", of hits and images.
std::string counted_share(const Json& counted);

/// "+0.5", "−3.1", "0.0".
std::string signed_points(double points);

/// "1.35×".
std::string speedup(const Json& factor);

/// "2.4e-6", "0".
std::string scientific(const Json& value);

/// `value` with `digits` significant digits and no exponent.
std::string significant(double value, int digits);

/// "1,234,567".
std::string grouped(int64_t value);

}  // namespace nitro::report
