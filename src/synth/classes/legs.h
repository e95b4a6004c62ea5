#pragma once

#include "synth/model.h"

namespace nitro::synth {

/// Four legs (three, if asked) of one random style from the floor to `height`, whose tops stand at
/// most `half_x` and `half_z` from the middle and whose feet may stand further out.
void add_legs(Draw& draw, Model& model, uint16_t material, float half_x, float half_z, float height,
              bool three = false);

}  // namespace nitro::synth
