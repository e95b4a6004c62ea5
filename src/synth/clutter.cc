#include "synth/clutter.h"

#include "synth/angle.h"
#include "synth/classes/legs.h"

namespace nitro::synth {

Model make_distractor(Draw& draw, float size) {
  Model model;
  const float half = size / 2, tall = half * draw.between(0.4f, 1.2f);
  const uint16_t first = model.material(draw.chance(0.5f) ? hard(draw) : paper(draw));
  switch (draw.below(7)) {
    case 0:  // a box
      model.box(first, {0, tall, 0}, {half, tall, half * draw.between(0.5f, 1.0f)})
          .round(size * draw.between(0.0f, 0.06f));
      break;
    case 1:  // a ball
      model.ellipsoid(first, {0, half * 0.8f, 0}, {half * 0.8f, half * 0.8f, half * 0.8f});
      break;
    case 2: {  // books on each other
      float y = 0;
      for (int i = 2 + draw.below(3); i > 0; --i) {
        const uint16_t cover = model.material(paper(draw));
        const float thick = half * draw.between(0.08f, 0.2f), turn = draw.between(-15, 15);
        const Vec3 own{half * draw.between(0.7f, 1.0f), thick, half * draw.between(0.5f, 0.75f)};
        model.box(cover, {0, y + thick, 0}, own).round(0.002f).rotate(about_y(turn));
        y += 2 * thick;
      }
      break;
    }
    case 3:  // a can
      model.cylinder(first, {0, tall, 0}, half * draw.between(0.35f, 0.7f), tall)
          .round(size * 0.02f);
      break;
    case 4: {  // a cushion
      const float lean = draw.between(0, 70);
      model
          .ellipsoid(model.material(cloth(draw)), {0, half * 0.6f, 0},
                     {half, half * 0.3f, half * 0.8f})
          .rotate(about_x(lean));
      break;
    }
    case 5: {  // a bowl
      const float wide = half * 0.9f;
      model.cone(first, {0, half * 0.35f, 0}, wide * 0.45f, half * 0.35f, wide);
      model
          .cone(first, {0, half * 0.35f + size * 0.03f, 0}, wide * 0.4f, half * 0.35f, wide * 0.93f)
          .cut();
      break;
    }
    default: {  // a box with a lid of its own
      const uint16_t lid = model.material(hard(draw));
      const float deep = half * draw.between(0.5f, 1.0f);
      model.box(first, {0, tall, 0}, {half, tall, deep});
      model.box(lid, {0, 2 * tall, 0}, {half * 1.03f, tall * 0.15f, deep * 1.03f})
          .round(size * 0.01f);
    }
  }
  return model;
}

Model make_picture(Draw& draw) {
  Model model;
  const float half = draw.between(0.12f, 0.5f), tall = draw.between(0.12f, 0.4f);
  const uint16_t frame = model.material(hard(draw));
  Material print = draw.chance(0.6f) ? paper(draw) : cloth(draw);
  print.period *= 2;
  model.box(frame, {0, 0, 0.012f}, {half, tall, 0.012f});
  const float edge = draw.between(0.01f, 0.05f);
  model.box(model.material(print), {0, 0, 0.02f}, {half - edge, tall - edge, 0.006f});
  return model;
}

Model make_support(Draw& draw, float half_x, float half_z, float height) {
  Model model;
  const uint16_t top = model.material(draw.chance(0.6f) ? wood(draw) : hard(draw));
  const float thick = draw.between(0.01f, 0.03f);
  model.box(top, {0, height - thick, 0}, {half_x, thick, half_z}).round(0.005f);
  const int style = draw.below(3);
  if (style == 0) {
    add_legs(draw, model, top, half_x - 0.02f, half_z - 0.02f, height - thick);
  } else if (style == 1) {  // a body with drawers
    const uint16_t body = draw.chance(0.6f) ? top : model.material(hard(draw));
    const float middle = height / 2 - thick;
    model.box(body, {0, middle, 0}, {half_x - 0.015f, middle, half_z - 0.02f});
    const float drawers = static_cast<float>(2 + draw.below(3));
    model.grid(body, {0, middle, half_z - 0.015f},
               {half_x - 0.04f, middle / drawers - 0.012f, 0.01f}, {0, 2 * middle / drawers, 0},
               {0, 0.5f * (drawers - 1), 0});
  }
  return model;
}

Model make_rug(Draw& draw, float half_x, float half_z) {
  Model model;
  model.box(model.material(carpet(draw)), {0, 0.006f, 0}, {half_x, 0.006f, half_z}).round(0.004f);
  return model;
}

}  // namespace nitro::synth
