#pragma once

#include <vector>

#include "synth/scene.h"

namespace nitro::synth {

/// What a perfect sensor would see, row by row from the top left.
struct Rendered {
  int size = 0;
  std::vector<Vec3> colour;     // linear light
  std::vector<float> infrared;  // light of the illuminator and of lamps that comes back
  std::vector<float> depth;     // metres along the camera's axis
  std::vector<float> facing;    // cosine between the surface and the view
  std::vector<float> returned;  // of the illuminator's light, for depth: reflectance, 0..1
  std::vector<float> mirrored;  // part of it lost by gloss or glass, 0..1
};

Rendered render(const Scene& scene, int size);

/// How much is seen of a scene's first object in a picture of `size`.
struct Seen {
  float share = 0;    // of the picture
  float visible = 0;  // of what would be seen without other objects and the picture's border
};
Seen see_first(const Scene& scene, int size);

}  // namespace nitro::synth
