#include "synth/angle.h"
#include "synth/classes.h"
#include "synth/classes/legs.h"

namespace nitro::synth {
namespace {

/// A column on a star of five feet.
void add_star(Model& model, uint16_t material, float height) {
  model.cylinder(material, {0, height / 2 + 0.04f, 0}, 0.028f, height / 2 - 0.04f);
  for (int foot = 0; foot < 5; ++foot) {
    const float angle = 72.0f * static_cast<float>(foot);
    const Vec3 end{0.28f * cosine(angle), 0.05f, 0.28f * sine(angle)};
    model.bar(material, {0, 0.11f, 0}, end, 0.02f);
    model.ellipsoid(material, {end.x, 0.03f, end.z}, {0.03f, 0.03f, 0.03f});
  }
}

void add_chair_back(Draw& draw, Model& model, uint16_t frame, uint16_t panel, float half,
                    float depth, float seat, float height) {
  const Turn lean = about_x(-draw.between(3, 12));
  const float z = -depth + 0.01f, middle = seat + height / 2;
  const float z_middle = z - 0.06f * height;
  const int style = draw.below(3);
  if (style == 0) {  // one panel
    const float low = draw.between(0.0f, 0.25f) * height;
    model.box(panel, {0, middle + low / 2, z_middle}, {half, (height - low) / 2, 0.022f})
        .round(0.018f)
        .rotate(lean);
    if (low > 0.05f) model.box(frame, {0, seat + low, z}, {0.03f, low, 0.01f}).rotate(lean);
    return;
  }
  for (const float side : {-1.0f, 1.0f}) {
    model.box(frame, {side * (half - 0.02f), middle, z_middle}, {0.018f, height / 2, 0.015f})
        .rotate(lean);
  }
  model.box(panel, {0, seat + height - 0.04f, z_middle - 0.05f * height}, {half, 0.045f, 0.015f})
      .round(0.01f)
      .rotate(lean);
  if (style == 1) {  // upright slats
    const float most = 1.0f + 0.5f * static_cast<float>(draw.below(3));
    model
        .grid(frame, {0, middle - 0.02f, z_middle}, {0.012f, height / 2 - 0.03f, 0.008f},
              {(half - 0.03f) / (most + 0.5f), 0, 0}, {most, 0, 0})
        .rotate(lean);
  } else {  // rungs
    model
        .grid(panel, {0, middle - 0.03f, z_middle}, {half - 0.02f, 0.025f, 0.01f},
              {0, height * 0.25f, 0}, {0, 1, 0})
        .rotate(lean);
  }
}

}  // namespace

Model make_chair(Draw& draw) {
  Model model;
  const float half = draw.between(0.19f, 0.27f), depth = draw.between(0.19f, 0.26f);
  const float seat = draw.between(0.42f, 0.5f), height = draw.between(0.36f, 0.62f);
  const float thick = draw.between(0.012f, 0.045f);
  const uint16_t frame = model.material(hard(draw));
  const uint16_t panel = draw.chance(0.5f) ? model.material(soft(draw)) : frame;
  model.box(panel, {0, seat - thick, 0}, {half, thick, depth}).round(thick * 0.7f);
  if (draw.chance(0.3f)) {
    add_star(model, frame, seat - 2 * thick);
  } else {
    add_legs(draw, model, frame, half, depth, seat - thick);
  }
  add_chair_back(draw, model, frame, panel, half, depth, seat, height);
  if (draw.chance(0.3f)) {
    const float rest = seat + draw.between(0.16f, 0.24f);
    for (const float side : {-1.0f, 1.0f}) {
      model.bar(frame, {side * half, rest, -depth}, {side * half, rest, depth * 0.7f}, 0.02f);
      model.bar(frame, {side * half, rest, depth * 0.6f}, {side * half, seat - thick, depth * 0.6f},
                0.014f);
    }
  }
  return model;
}

Model make_stool(Draw& draw) {
  Model model;
  const float radius = draw.between(0.15f, 0.21f), seat = draw.between(0.4f, 0.78f);
  const float thick = draw.between(0.012f, 0.04f);
  const uint16_t frame = model.material(hard(draw));
  const uint16_t top = draw.chance(0.5f) ? model.material(soft(draw)) : frame;
  const bool square = draw.chance(0.3f);
  if (square) {
    model.box(top, {0, seat - thick, 0}, {radius, thick, radius}).round(thick * 0.6f);
  } else {
    model.cylinder(top, {0, seat - thick, 0}, radius, thick).round(thick * 0.6f);
  }
  if (draw.chance(0.2f)) {  // one column on a disc
    model.cylinder(frame, {0, seat / 2, 0}, 0.025f, seat / 2 - thick);
    model.cone(frame, {0, 0.02f, 0}, radius * 1.1f, 0.02f, radius * 0.5f);
  } else {
    const float inside = square ? radius : radius * 0.75f;
    add_legs(draw, model, frame, inside, inside, seat - thick, !square && draw.chance(0.4f));
  }
  if (draw.chance(0.7f) && seat > 0.5f)
    model.torus(frame, {0, seat * draw.between(0.25f, 0.4f), 0}, radius * 1.02f, 0.01f);
  return model;
}

Model make_sofa(Draw& draw) {
  Model model;
  const int seats = 2 + draw.below(2);
  const float seat_half = draw.between(0.28f, 0.36f);
  const float half = seat_half * static_cast<float>(seats), depth = draw.between(0.36f, 0.46f);
  const float arm = draw.between(0.07f, 0.13f), arm_height = draw.between(0.48f, 0.66f);
  const float back = draw.between(0.7f, 0.95f), seat = draw.between(0.38f, 0.46f);
  const float foot = draw.between(0.03f, 0.14f);
  const uint16_t cover = model.material(soft(draw));
  const uint16_t feet = model.material(hard(draw));
  const float edge = draw.between(0.02f, 0.06f);
  model.box(cover, {0, (foot + seat - 0.12f) / 2, 0}, {half, (seat - 0.12f - foot) / 2, depth})
      .round(0.02f);
  model.box(cover, {0, (foot + back) / 2, -depth + 0.09f}, {half, (back - foot) / 2, 0.1f})
      .round(edge);
  for (const float side : {-1.0f, 1.0f}) {
    model
        .box(cover, {side * (half + arm), (foot + arm_height) / 2, 0},
             {arm, (arm_height - foot) / 2, depth})
        .round(edge);
    for (const float end : {-1.0f, 1.0f})
      model.cone(feet, {side * (half + arm * 0.5f), foot / 2, end * (depth - 0.06f)}, 0.018f,
                 foot / 2, 0.03f);
  }
  const uint16_t cushion = draw.chance(0.25f) ? model.material(soft(draw)) : cover;
  for (int i = 0; i < seats; ++i) {
    const float x = -half + seat_half * static_cast<float>(2 * i + 1);
    model.box(cushion, {x, seat - 0.06f, 0.08f}, {seat_half - 0.008f, 0.075f, depth - 0.07f})
        .round(0.045f);
    model
        .box(cushion, {x, (seat + back) / 2, -depth + 0.22f},
             {seat_half - 0.012f, (back - seat) / 2 + 0.02f, 0.09f})
        .round(0.06f)
        .rotate(about_x(-8));
  }
  for (int pillow = draw.below(3); pillow > 0; --pillow) {
    const uint16_t own = model.material(cloth(draw));
    const float x = draw.between(-0.9f, 0.9f) * (half - 0.1f), roll = draw.between(-25, 25);
    model.ellipsoid(own, {x, seat + 0.17f, -depth + 0.38f}, {0.2f, 0.19f, 0.08f})
        .rotate(about_z(roll))
        .rotate(about_x(-22));
  }
  return model;
}

Model make_bed(Draw& draw) {
  Model model;
  const bool twin = draw.chance(0.5f);
  const float half = twin ? draw.between(0.7f, 0.95f) : draw.between(0.45f, 0.6f);
  const float depth = draw.between(0.95f, 1.08f);
  const float frame_top = draw.between(0.22f, 0.36f), foot = draw.between(0.0f, 0.18f);
  const float thick = draw.between(0.08f, 0.13f);
  const uint16_t frame = model.material(draw.chance(0.7f) ? wood(draw) : soft(draw));
  const uint16_t sheet = model.material(cloth(draw));
  model.box(frame, {0, (foot + frame_top) / 2, 0}, {half + 0.04f, (frame_top - foot) / 2, depth})
      .round(0.015f);
  if (foot > 0.02f) add_legs(draw, model, frame, half, depth - 0.05f, foot + 0.02f);
  model.box(sheet, {0, frame_top + thick, 0}, {half, thick, depth - 0.02f}).round(0.06f);
  const float top = frame_top + 2 * thick, head = top + draw.between(0.2f, 0.6f);
  model.box(frame, {0, head / 2, -depth - 0.03f}, {half + 0.05f, head / 2, 0.035f}).round(0.02f);
  if (draw.chance(0.3f)) {
    const float end = top + draw.between(-0.05f, 0.12f);
    model.box(frame, {0, end / 2, depth + 0.03f}, {half + 0.05f, end / 2, 0.03f}).round(0.02f);
  }
  if (draw.chance(0.85f)) {  // a blanket over the sides, from the foot up
    const uint16_t blanket = model.material(cloth(draw));
    const float reach = draw.between(0.45f, 0.75f) * depth;
    model
        .box(blanket, {0, top - thick + 0.02f, depth - reach - 0.01f},
             {half + 0.035f, thick + 0.035f, reach})
        .round(0.05f);
    if (draw.chance(0.5f))
      model.box(sheet, {0, top + 0.035f, depth - 2 * reach + 0.08f}, {half + 0.03f, 0.03f, 0.1f})
          .round(0.028f);
  }
  const uint16_t pillow = draw.chance(0.5f) ? model.material(cloth(draw)) : sheet;
  const float lift = draw.between(5, 35);
  for (int i = 0; i < (twin ? 2 : 1); ++i) {
    const float x = twin ? (i == 0 ? -0.5f : 0.5f) * half : 0;
    model
        .ellipsoid(pillow, {x, top + 0.08f, -depth + 0.26f},
                   {twin ? half * 0.45f : half * 0.7f, 0.1f, 0.2f})
        .rotate(about_x(lift));
  }
  return model;
}

}  // namespace nitro::synth
