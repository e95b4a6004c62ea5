#include "synth/angle.h"
#include "synth/classes.h"

namespace nitro::synth {

Model make_bathtub(Draw& draw) {
  Model model;
  const float half = draw.between(0.7f, 0.88f), depth = draw.between(0.34f, 0.42f);
  const float height = draw.between(0.48f, 0.62f), wall = draw.between(0.035f, 0.07f);
  const uint16_t body = model.material(ceramic(draw));
  const uint16_t tap = model.material(metal(draw));
  const bool free = draw.chance(0.5f);
  const float foot = free && draw.chance(0.5f) ? draw.between(0.06f, 0.14f) : 0.0f;
  if (free) {  // round ends
    const Turn across = about_y(90);
    model.cone(body, {0, (foot + height) / 2, 0}, depth * 0.8f, (height - foot) / 2, depth)
        .round(0.03f)
        .stretched(half - depth)
        .rotate(across);
    model.torus(body, {0, height - 0.01f, 0}, depth - 0.01f, 0.025f)
        .stretched(half - depth)
        .rotate(across);
    model
        .cone(body, {0, (foot + height) / 2 + 0.08f, 0}, depth * 0.8f - wall, (height - foot) / 2,
              depth - wall)
        .round(0.06f)
        .stretched(half - depth)
        .rotate(across)
        .cut();
    if (foot > 0) {
      for (const float x : {-1.0f, 1.0f})
        for (const float z : {-1.0f, 1.0f})
          model.bar(tap, {x * half * 0.7f, 0.025f, z * depth * 0.65f},
                    {x * half * 0.6f, foot + 0.06f, z * depth * 0.5f}, 0.025f);
    }
  } else {  // built in
    const uint16_t apron = draw.chance(0.5f) ? body : model.material(stone(draw));
    model.box(apron, {0, height / 2 - 0.02f, 0}, {half, height / 2 - 0.02f, depth});
    model.box(body, {0, height - 0.02f, 0}, {half + 0.015f, 0.025f, depth + 0.015f}).round(0.015f);
    model.box(body, {0, height / 2 + 0.13f, 0}, {half - 1.6f * wall, height / 2, depth - wall})
        .round(0.13f)
        .cut();
  }
  const float x = -half + 0.05f, rise = height + draw.between(0.08f, 0.16f);
  model.bar(tap, {x, height - 0.02f, 0}, {x, rise, 0}, 0.018f);
  model.bar(tap, {x, rise, 0}, {x + 0.13f, rise - 0.02f, 0}, 0.015f);
  for (const float z : {-0.09f, 0.09f})
    model.cylinder(tap, {x, height + 0.03f, z}, 0.022f, 0.04f).round(0.006f);
  return model;
}

Model make_toilet(Draw& draw) {
  Model model;
  const float bowl = draw.between(0.17f, 0.2f), longer = draw.between(0.04f, 0.09f);
  const float height = draw.between(0.37f, 0.43f), z = 0.1f;
  const uint16_t body = model.material(ceramic(draw));
  const uint16_t seat =
      draw.chance(0.6f) ? body : model.material(draw.chance(0.5f) ? wood(draw) : plastic(draw));
  const float foot = bowl * draw.between(0.55f, 0.75f);
  model.cone(body, {0, height * 0.3f, z - 0.05f}, foot, height * 0.3f, foot * 0.85f)
      .stretched(0.1f);
  model.cone(body, {0, height * 0.75f, z}, bowl * 0.6f, height * 0.25f, bowl)
      .stretched(longer)
      .blended(0.06f);
  model
      .ellipsoid(body, {0, height + 0.01f, z},
                 {bowl * 0.68f, height * 0.55f, bowl * 0.68f + longer})
      .cut();
  model.torus(seat, {0, height + 0.012f, z}, bowl * 0.84f, 0.03f).stretched(longer);
  const float back = z - bowl - longer, tank = draw.between(0.14f, 0.19f);
  const float tank_height = draw.between(0.3f, 0.4f);
  if (draw.chance(0.65f)) {  // lid up, against the tank
    model.cylinder(seat, {0, height + 0.23f, back + 0.03f}, bowl * 0.95f, 0.01f)
        .stretched(longer)
        .rotate(about_x(draw.between(78, 86)));
  } else if (draw.chance(0.6f)) {  // lid down
    model.cylinder(seat, {0, height + 0.045f, z}, bowl * 0.97f, 0.012f)
        .round(0.01f)
        .stretched(longer);
  }
  model.box(body, {0, height / 2 + 0.05f, back - 0.02f}, {foot * 0.9f, height / 2 - 0.02f, 0.14f})
      .round(0.03f)
      .blended(0.05f);
  model
      .box(body, {0, height + tank_height / 2, back - 0.1f}, {tank + 0.04f, tank_height / 2, 0.09f})
      .round(0.025f);
  model.box(body, {0, height + tank_height + 0.012f, back - 0.1f}, {tank + 0.055f, 0.016f, 0.102f})
      .round(0.01f);
  const uint16_t button = model.material(metal(draw));
  if (draw.chance(0.5f)) {
    model.cylinder(button, {0, height + tank_height + 0.03f, back - 0.1f}, 0.025f, 0.006f);
  } else {
    model.bar(button, {-tank * 0.7f, height + tank_height * 0.8f, back},
              {-tank * 0.3f, height + tank_height * 0.77f, back + 0.01f}, 0.009f);
  }
  return model;
}

}  // namespace nitro::synth
