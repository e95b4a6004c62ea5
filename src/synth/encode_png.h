#pragma once

#include <string>

#include "base/error.h"
#include "synth/sensors.h"

namespace nitro::synth {

/// `picture` as a PNG file: grey or RGB of 8 bits, or grey of 16. kOutOfMemory where libpng fails.
Result<std::string> encode_png(const Picture& picture);

}  // namespace nitro::synth
