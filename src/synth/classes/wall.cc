#include "synth/angle.h"
#include "synth/classes.h"

namespace nitro::synth {
namespace {

/// A box from the wall to `front`.
Part& slab(Model& model, uint16_t material, float x, float y, float half_x, float half_y,
           float front) {
  return model.box(material, {x, y, front / 2}, {half_x, half_y, front / 2});
}

/// Four slabs around an opening.
void add_frame(Model& model, uint16_t material, float half_x, float half_y, float width,
               float front, bool threshold) {
  for (const float side : {-1.0f, 1.0f})
    slab(model, material, side * (half_x + width / 2), 0, width / 2, half_y + width, front);
  slab(model, material, 0, half_y + width / 2, half_x + width, width / 2, front);
  if (threshold) slab(model, material, 0, -half_y - width / 2, half_x + width, width / 2, front);
}

}  // namespace

Model make_door(Draw& draw) {
  Model model;
  const float half = draw.between(0.38f, 0.5f), tall = draw.between(0.98f, 1.06f);
  const uint16_t leaf = model.material(draw.chance(0.5f) ? wood(draw) : hard(draw));
  const uint16_t frame = draw.chance(0.4f) ? leaf : model.material(hard(draw));
  const float width = draw.between(0.05f, 0.1f);
  add_frame(model, frame, half, tall, width, draw.between(0.05f, 0.12f), false);
  // The leaf with its hinges at x = 0, then turned in them.
  Model moving;
  const uint16_t board = moving.material(model.materials()[leaf]);
  const uint16_t handle = moving.material(metal(draw));
  const float side = draw.sign(), middle = side * half;
  moving.box(board, {middle, 0, 0}, {half, tall, 0.02f});
  const int style = draw.below(4);
  if (style == 1 || style == 2) {  // sunk panels
    const int rows = 2 + draw.below(2), columns = style;
    const float pitch_x = 2 * half / static_cast<float>(columns);
    const float pitch_y = 2 * tall / static_cast<float>(rows);
    const Vec3 most{0.5f * static_cast<float>(columns - 1), 0.5f * static_cast<float>(rows - 1), 0};
    const Vec3 panel{pitch_x / 2 - 0.08f, pitch_y / 2 - 0.09f, 0.014f};
    moving.grid(board, {middle, 0, 0.02f}, panel, {pitch_x, pitch_y, 0}, most).cut();
    moving.grid(board, {middle, 0, 0.004f}, {panel.x - 0.04f, panel.y - 0.04f, 0.01f},
                {pitch_x, pitch_y, 0}, most);
  } else if (style == 3) {  // a pane of glass
    moving.box(moving.material(glass(draw)), {middle, tall * 0.35f, 0.018f},
               {half * 0.6f, tall * 0.45f, 0.004f});
  }
  const float x = side * (2 * half - 0.07f), y = draw.between(-0.06f, 0.06f);
  if (draw.chance(0.6f)) {  // a lever on its plate
    moving.box(handle, {x, y, 0.02f}, {0.02f, 0.1f, 0.008f});
    moving.bar(handle, {x, y + 0.03f, 0.02f}, {x, y + 0.03f, 0.07f}, 0.01f);
    moving.bar(handle, {x, y + 0.03f, 0.07f}, {x - side * 0.12f, y + 0.03f, 0.07f}, 0.011f);
  } else {
    moving.bar(handle, {x, y, 0.02f}, {x, y, 0.06f}, 0.012f);
    moving.ellipsoid(handle, {x, y, 0.075f}, {0.032f, 0.032f, 0.028f});
  }
  const bool ajar = draw.chance(0.5f);
  const float open = ajar ? draw.between(10, 70) : 0;
  if (ajar) {  // another room, without light
    Material dark;
    dark.colour = {0.02f, 0.02f, 0.025f};
    dark.infrared = 0.015f;
    slab(model, model.material(dark), 0, 0, half, tall, 0.004f);
  }
  model.add(moving, {-middle, 0, 0.022f}, about_y(-side * open));
  return model;
}

Model make_window(Draw& draw) {
  Model model;
  const float half = draw.between(0.4f, 0.8f), tall = draw.between(0.4f, 0.7f);
  const uint16_t frame = model.material(draw.chance(0.5f) ? wood(draw) : plastic(draw));
  // What is outside, on the pane: bright by day, dark by night.
  const bool day = draw.chance(0.7f);
  Material outside = glass(draw);
  outside.clear = 0.95f;
  outside.infrared = 0.03f;
  outside.glow = Vec3{0.55f, 0.7f, 0.95f} * (day ? draw.between(0.8f, 2.5f) : 0.02f);
  outside.glow_infrared = day ? draw.between(0.3f, 2.0f) : 0;
  outside.pattern = Pattern::kCloud;
  outside.period = draw.between(0.15f, 0.6f);
  outside.shift = {draw.between(-9, 9), draw.between(-9, 9), 0};
  const float width = draw.between(0.035f, 0.07f), front = draw.between(0.03f, 0.07f);
  slab(model, model.material(outside), 0, 0, half, tall, 0.008f);
  add_frame(model, frame, half, tall, width, front, true);
  const int columns = 1 + draw.below(3), rows = 1 + draw.below(3);
  const float bar = draw.between(0.012f, 0.025f);
  if (columns > 1)
    model.grid(frame, {0, 0, front / 2}, {bar, tall, front / 2 - 0.004f},
               {2 * half / static_cast<float>(columns), 0, 0},
               {0.5f * static_cast<float>(columns - 2), 0, 0});
  if (rows > 1 || columns == 1)
    model.grid(frame, {0, 0, front / 2}, {half, bar, front / 2 - 0.004f},
               {0, 2 * tall / static_cast<float>(greatest(2, static_cast<float>(rows))), 0},
               {0, 0.5f * static_cast<float>(rows > 1 ? rows - 2 : 0), 0});
  const float sill = draw.between(0.08f, 0.2f);
  if (draw.chance(0.8f))
    slab(model, frame, 0, -tall - width - 0.01f, half + width + 0.05f, 0.018f, sill).round(0.005f);
  if (draw.chance(0.45f)) {  // curtains: folds side by side
    const uint16_t fabric = model.material(cloth(draw));
    const float reach = half * draw.between(0.15f, 0.5f), pitch = draw.between(0.05f, 0.09f);
    const float folds = static_cast<float>(static_cast<int>(reach / pitch) + 1);
    for (const float side : {-1.0f, 1.0f})
      model
          .grid(fabric, {side * (half + width - pitch * folds * 0.5f + 0.06f), 0, front + 0.06f},
                {pitch * 0.52f, tall + width + 0.06f, 0.03f}, {pitch, 0, 0},
                {0.5f * (folds - 1), 0, 0})
          .round(0.025f);
    const uint16_t rod = model.material(metal(draw));
    model.bar(rod, {-half - 0.25f, tall + width + 0.07f, front + 0.06f},
              {half + 0.25f, tall + width + 0.07f, front + 0.06f}, 0.014f);
  }
  return model;
}

Model make_clock(Draw& draw) {
  Model model;
  const float radius = draw.between(0.12f, 0.22f), deep = draw.between(0.02f, 0.05f);
  const uint16_t rim = model.material(hard(draw));
  const uint16_t face = model.material(draw.chance(0.7f) ? paper(draw) : hard(draw));
  Material print = plastic(draw);
  // The hands and marks are to be seen on the face, in light and in infrared.
  const Material& dial = model.materials()[face];
  const bool bright = dial.colour.y > 0.25f;
  print.colour = bright ? Vec3{0.02f, 0.02f, 0.02f} : Vec3{0.85f, 0.85f, 0.8f};
  print.infrared = dial.infrared > 0.45f ? 0.05f : 0.9f;
  print.pattern = Pattern::kPlain;
  const uint16_t ink = model.material(print);
  const Turn upright = about_x(90);
  const bool square = draw.chance(0.2f);
  if (square) {
    model.box(rim, {0, 0, deep / 2}, {radius, radius, deep / 2}).round(0.008f);
    model.box(face, {0, 0, deep}, {radius * 0.88f, radius * 0.88f, 0.004f});
  } else {
    model.cylinder(rim, {0, 0, deep / 2}, radius, deep / 2).rotate(upright);
    model.torus(rim, {0, 0, deep}, radius - 0.008f, 0.014f).rotate(upright);
    model.cylinder(face, {0, 0, deep}, radius - 0.012f, 0.003f).rotate(upright);
  }
  const float dial_radius = radius * 0.78f, front = deep + 0.005f;
  const float mark = draw.between(0.004f, 0.009f);
  const int step = draw.chance(0.3f) ? 3 : 1;
  for (int hour = 0; hour < 12; hour += step) {
    const float angle = 30.0f * static_cast<float>(hour);
    model
        .box(ink, {dial_radius * sine(angle), dial_radius * cosine(angle), front},
             {mark, hour % 3 == 0 ? radius * 0.09f : radius * 0.05f, 0.003f})
        .rotate(about_z(-angle));
  }
  const float minutes = static_cast<float>(draw.below(720));
  const auto hand = [&](float angle, float reach, float width) {
    model
        .box(ink, {0.42f * reach * sine(angle), 0.42f * reach * cosine(angle), front + 0.006f},
             {width, 0.58f * reach, 0.003f})
        .rotate(about_z(-angle));
  };
  hand(minutes / 2, radius * 0.5f, radius * 0.04f);
  hand(minutes * 6, radius * 0.75f, radius * 0.027f);
  model.cylinder(ink, {0, 0, front + 0.006f}, radius * 0.06f, 0.006f).rotate(upright);
  return model;
}

}  // namespace nitro::synth
