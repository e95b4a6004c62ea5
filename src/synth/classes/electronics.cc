#include "synth/angle.h"
#include "synth/classes.h"

namespace nitro::synth {
namespace {

/// Rows of keys on y = 0, in a box of the given half size.
void add_keys(Model& model, uint16_t keys, const Vec3& centre, float half_x, float half_z,
              float pitch, const Turn& turn) {
  const float columns = static_cast<float>(static_cast<int>(2 * half_x / pitch));
  const float rows = static_cast<float>(static_cast<int>(2 * half_z / pitch));
  model
      .grid(keys, centre, {pitch * 0.41f, 0.004f, pitch * 0.41f}, {pitch, 0, pitch},
            {0.5f * (columns - 1), 0, 0.5f * (rows - 1)})
      .round(0.002f)
      .rotate(turn);
}

}  // namespace

Model make_keyboard(Draw& draw) {
  Model model;
  const float half = draw.between(0.15f, 0.23f), depth = draw.between(0.06f, 0.08f);
  const float thick = draw.between(0.008f, 0.018f), pitch = 0.0188f;
  const uint16_t body = model.material(draw.chance(0.8f) ? plastic(draw) : metal(draw));
  const uint16_t keys = draw.chance(0.3f) ? body : model.material(plastic(draw));
  const Turn slope = about_x(draw.between(2, 11));
  const float y = thick + 0.014f;
  model.box(body, {0, y, 0}, {half, thick, depth}).round(0.004f).rotate(slope);
  const auto on_top = [&](float x, float z) {
    const Vec3 offset = slope * Vec3{x, thick + 0.002f, z};
    return Vec3{offset.x, y + offset.y, offset.z};
  };
  const bool numbers = half > 0.19f;
  const float margin = 0.008f, inner = half - margin;
  const float main_half = numbers ? inner * 0.76f : inner;
  const float rows_half = depth - margin - pitch * 0.5f;
  const float x = -inner + main_half;
  add_keys(model, keys, on_top(x, -pitch * 0.5f), main_half, rows_half, pitch, slope);
  if (numbers)
    add_keys(model, keys, on_top(inner - pitch * 2, -pitch * 0.5f), pitch * 2, rows_half, pitch,
             slope);
  const float last = depth - margin - pitch * 0.5f;
  model.box(keys, on_top(x, last), {main_half * 0.38f, 0.004f, pitch * 0.41f})
      .round(0.002f)
      .rotate(slope);
  for (const float side : {-1.0f, 1.0f})
    model
        .grid(keys, on_top(x + side * main_half * 0.72f, last),
              {pitch * 0.55f, 0.004f, pitch * 0.41f}, {pitch * 1.25f, 0, 0}, {1, 0, 0})
        .round(0.002f)
        .rotate(slope);
  return model;
}

Model make_monitor(Draw& draw) {
  Model model;
  const float half = draw.between(0.22f, 0.36f), tall = half * draw.between(0.52f, 0.68f);
  const float edge = draw.between(0.006f, 0.02f), lift = draw.between(0.07f, 0.14f);
  const uint16_t body = model.material(draw.chance(0.75f) ? plastic(draw) : metal(draw));
  const uint16_t face = model.material(screen(draw));
  const Turn lean = about_x(-draw.between(0, 12));
  const float middle = lift + tall + edge;
  model.box(body, {0, middle, 0}, {half + edge, tall + edge, 0.014f}).round(0.005f).rotate(lean);
  const Vec3 front = lean * Vec3{0, 0, 0.0135f};
  model.box(face, {front.x, middle + front.y, front.z}, {half, tall, 0.002f}).rotate(lean);
  model.box(body, {0, middle, -0.025f}, {half * 0.6f, tall * 0.6f, 0.02f})
      .round(0.015f)
      .rotate(lean);
  const uint16_t stand = draw.chance(0.6f) ? body : model.material(metal(draw));
  if (draw.chance(0.7f)) {
    const float wide = draw.between(0.02f, 0.05f);
    model.box(stand, {0, middle / 2, -0.05f}, {wide, middle / 2, 0.012f});
    if (draw.chance(0.5f)) {
      model.box(stand, {0, 0.008f, -0.03f}, {half * 0.4f, 0.008f, 0.09f}).round(0.006f);
    } else {
      model.cylinder(stand, {0, 0.008f, -0.03f}, 0.12f, 0.008f).round(0.005f);
    }
  } else {  // two feet
    for (const float side : {-1.0f, 1.0f}) {
      model.bar(stand, {side * half * 0.6f, 0.01f, 0.09f},
                {side * half * 0.55f, lift + 0.02f, -0.01f}, 0.009f);
      model.bar(stand, {side * half * 0.6f, 0.01f, -0.1f},
                {side * half * 0.55f, lift + 0.02f, -0.01f}, 0.009f);
    }
  }
  return model;
}

Model make_laptop(Draw& draw) {
  Model model;
  const float half = draw.between(0.145f, 0.185f), depth = half * draw.between(0.64f, 0.74f);
  const float thick = draw.between(0.006f, 0.011f);
  const uint16_t body = model.material(draw.chance(0.5f) ? metal(draw) : plastic(draw));
  const uint16_t keys = model.material(plastic(draw));
  const uint16_t face = model.material(screen(draw));
  model.box(body, {0, thick, 0}, {half, thick, depth}).round(0.004f);
  add_keys(model, keys, {0, 2 * thick - 0.002f, -depth * 0.25f}, half * 0.9f, depth * 0.5f, 0.0188f,
           {});
  const uint16_t pad = model.material(plastic(draw));
  model.box(pad, {0, 2 * thick, depth * 0.65f}, {half * 0.3f, 0.001f, depth * 0.24f});
  const Turn lean = about_x(-draw.between(2, 38));
  const Vec3 hinge{0, 2 * thick, -depth};
  const Vec3 middle = hinge + lean * Vec3{0, depth, 0};
  model.box(body, middle, {half, depth, 0.005f}).round(0.004f).rotate(lean);
  model.box(face, middle + lean * Vec3{0, 0, 0.0045f}, {half - 0.008f, depth - 0.01f, 0.001f})
      .rotate(lean);
  return model;
}

Model make_lamp(Draw& draw) {
  Model model;
  const uint16_t frame = model.material(hard(draw));
  const bool lit = draw.chance(0.5f);
  const Vec3 warm{1.0f, draw.between(0.65f, 0.9f), draw.between(0.35f, 0.8f)};
  const uint16_t bulb = model.material(glowing(warm, lit ? 4.0f : 0.0f, lit ? 3.0f : 0.0f));
  const int style = draw.below(3);
  if (style == 0) {  // a desk lamp with a bent arm
    const float first = draw.between(0.16f, 0.26f), second = draw.between(0.16f, 0.26f);
    const float lean = draw.between(5, 30), reach = draw.between(30, 75);
    const Vec3 elbow{-first * sine(lean), 0.02f + first * cosine(lean), 0};
    const Vec3 head{elbow.x + second * sine(reach), elbow.y + second * cosine(reach), 0};
    model.cylinder(frame, {0, 0.012f, 0}, draw.between(0.07f, 0.1f), 0.012f).round(0.006f);
    model.bar(frame, {0, 0.02f, 0}, elbow, 0.007f);
    model.bar(frame, elbow, head, 0.007f);
    const uint16_t shade = draw.chance(0.5f) ? frame : model.material(hard(draw));
    const Turn tilt = about_z(draw.between(0, 35));
    const Vec3 down = tilt * Vec3{0, -0.045f, 0};
    model.cone(shade, head + down, 0.075f, 0.05f, 0.03f).rotate(tilt);
    model.cone(bulb, head + down * 1.25f, 0.068f, 0.05f, 0.02f).rotate(tilt).cut();
    model.ellipsoid(bulb, head + down * 1.3f, {0.03f, 0.03f, 0.03f});
    return model;
  }
  // A shade on a column; on the floor if it is tall.
  const float height = style == 1 ? draw.between(0.35f, 0.6f) : draw.between(1.3f, 1.7f);
  const float wide = style == 1 ? height * draw.between(0.26f, 0.36f) : draw.between(0.18f, 0.26f);
  const float shade_half = wide * draw.between(0.5f, 0.75f),
              narrow = wide * draw.between(0.45f, 0.95f);
  Material cover = cloth(draw);
  if (lit) cover.glow = cover.colour * warm * 1.2f;
  if (lit) cover.glow_infrared = 0.8f;
  const uint16_t shade = model.material(cover);
  const float base = wide * draw.between(0.5f, 0.75f);
  model.cone(frame, {0, 0.012f, 0}, base, 0.012f, base * 0.9f);
  model.cylinder(frame, {0, (height - shade_half) / 2, 0}, style == 1 ? 0.012f : 0.014f,
                 (height - shade_half) / 2);
  if (style == 1 && draw.chance(0.6f)) {
    const float belly = draw.between(0.05f, 0.09f), up = height * draw.between(0.2f, 0.32f);
    model.ellipsoid(frame, {0, up, 0}, {belly, up, belly}).blended(0.02f);
  }
  model.ellipsoid(bulb, {0, height - shade_half, 0}, {0.035f, 0.04f, 0.035f});
  model.cone(shade, {0, height - shade_half, 0}, wide, shade_half, narrow);
  return model;
}

}  // namespace nitro::synth
