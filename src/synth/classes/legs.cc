#include "synth/classes/legs.h"

#include "synth/angle.h"

namespace nitro::synth {

void add_legs(Draw& draw, Model& model, uint16_t material, float half_x, float half_z, float height,
              bool three) {
  const bool square = draw.chance(0.4f);
  const float thick = draw.between(0.012f, 0.028f);
  const float splay = square ? 0 : draw.between(0.0f, 0.07f);
  const float x = half_x - thick, z = half_z - thick;
  const float turn = draw.between(0, 360);
  for (int leg = 0; leg < (three ? 3 : 4); ++leg) {
    const float angle = turn + 120.0f * static_cast<float>(leg);
    const float side_x = three ? cosine(angle) : leg % 2 == 0 ? 1.0f : -1.0f;
    const float side_z = three ? sine(angle) : leg < 2 ? 1.0f : -1.0f;
    if (square) {
      model.box(material, {side_x * x, height / 2, side_z * z}, {thick, height / 2, thick});
    } else {
      model.bar(material, {side_x * (x + splay), thick, side_z * (z + splay)},
                {side_x * x, height - thick, side_z * z}, thick);
    }
  }
}

}  // namespace nitro::synth
