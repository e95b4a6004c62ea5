#pragma once

#include "synth/vec.h"

namespace nitro::synth {

/// Sine of an angle in degrees, to 1e-6; the same bits everywhere.
float sine(float degrees);
float cosine(float degrees);
/// Tangent of less than 90 degrees.
inline float tangent(float degrees) { return sine(degrees) / cosine(degrees); }

// Rotations by an angle in degrees, counter-clockwise when the axis points at the viewer.
Turn about_x(float degrees);
Turn about_y(float degrees);
Turn about_z(float degrees);

}  // namespace nitro::synth
