#pragma once

#include "synth/model.h"

namespace nitro::synth {

/// A thing of no class, about `size` metres large: a box, a ball, books, a can, a cushion.
Model make_distractor(Draw& draw, float size);

/// A picture or board for a wall.
Model make_picture(Draw& draw);

/// What small things stand on: a top at `height` of half size `half_x` by `half_z`, with legs,
/// a body or nothing below.
Model make_support(Draw& draw, float half_x, float half_z, float height);

/// A rug of half size `half_x` by `half_z`.
Model make_rug(Draw& draw, float half_x, float half_z);

}  // namespace nitro::synth
