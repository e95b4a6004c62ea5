#pragma once

#include <cstdint>
#include <vector>

#include "synth/draw.h"
#include "synth/render.h"

namespace nitro::synth {

/// Pixels row by row, `channels` interleaved.
struct Picture {
  int size = 0;
  int channels = 1;
  int bits = 8;
  std::vector<uint16_t> values;
};

/// A camera with automatic exposure: blur of the lens, vignetting, white balance, shot and read
/// noise, a film-like curve. 8-bit RGB.
Picture see_colour(const Rendered& rendered, Draw& draw);

/// A depth camera in millimetres, 0 where it has no value: structured light (steps that grow with
/// the square of the distance, shadows of the projector) or time of flight (noise where little
/// light returns, mixed values at edges). Neither sees glass, gloss, dark or grazed surfaces well.
Picture see_depth(const Rendered& rendered, Draw& draw);

/// A near-infrared camera with an illuminator beside its lens, automatic gain. 8-bit grey.
Picture see_infrared(const Rendered& rendered, Draw& draw);

}  // namespace nitro::synth
