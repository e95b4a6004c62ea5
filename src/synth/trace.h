#pragma once

#include "synth/scene.h"

namespace nitro::synth {

struct Rays {
  VecLanes origin;
  VecLanes direction;  // unit length
};

/// What each of some rays meets first.
struct Surfaces {
  Lanes distance;
  VecLanes normal;
  Mask object;    // its number in the scene, or kRoom
  Mask material;  // its number in the object; for the room 0 floor, 1 ceiling, 2 and 3 walls along
                  // x and z
};
constexpr int32_t kRoom = -1;

/// Sphere tracing of the objects, exact for the room. With `only_first` the first object alone.
Surfaces trace(const Scene& scene, const Rays& rays, bool only_first = false);

/// The part of a light that reaches each point, 0..1: `to_light` has unit length, the light is
/// `distance` away and `width` wide.
Lanes light_through(const Scene& scene, const VecLanes& points, const VecLanes& to_light,
                    Lanes distance, float width);

/// The part of its surroundings, up to `scale` metres away, that each point is open to, 0..1.
Lanes openness(const Scene& scene, const VecLanes& points, const VecLanes& normals, Lanes scale);

}  // namespace nitro::synth
