#include "synth/angle.h"
#include "synth/classes.h"

namespace nitro::synth {

Model make_mug(Draw& draw) {
  Model model;
  const float height = draw.between(0.08f, 0.12f), bottom = height * draw.between(0.32f, 0.46f);
  const float top = bottom * draw.between(0.95f, 1.2f), wall = 0.004f;
  const uint16_t body = model.material(draw.chance(0.75f) ? ceramic(draw) : hard(draw));
  const uint16_t inside = draw.chance(0.6f) ? body : model.material(ceramic(draw));
  const float ring = height * draw.between(0.24f, 0.32f), tube = draw.between(0.005f, 0.008f);
  model.cone(body, {0, height / 2, 0}, bottom, height / 2, top).round(0.006f);
  model.torus(body, {(bottom + top) / 2 + ring * 0.3f, height * 0.52f, 0}, ring, tube)
      .rotate(about_x(90))
      .blended(0.008f);
  model.cone(inside, {0, height / 2 + 0.006f, 0}, bottom - wall, height / 2 + 0.003f, top - wall)
      .cut();
  if (draw.chance(0.6f)) {
    Material drink;
    drink.colour = draw.pick(
        {Vec3{0.03f, 0.015f, 0.008f}, Vec3{0.3f, 0.15f, 0.06f}, Vec3{0.5f, 0.25f, 0.05f}});
    drink.infrared = draw.between(0.1f, 0.5f);
    drink.gloss = 0.5f;
    const float level = height * draw.between(0.5f, 0.88f);
    model.cylinder(model.material(drink), {0, level / 2, 0}, bottom - 0.001f, level / 2);
  }
  return model;
}

Model make_bottle(Draw& draw) {
  Model model;
  const float radius = draw.between(0.03f, 0.045f), body = draw.between(0.12f, 0.2f);
  const float neck = radius * draw.between(0.3f, 0.45f), shoulder = draw.between(0.03f, 0.08f);
  const float neck_height = draw.between(0.03f, 0.09f);
  const uint16_t main = model.material(draw.chance(0.5f) ? glass(draw) : plastic(draw));
  model.cylinder(main, {0, body / 2, 0}, radius, body / 2).round(0.008f);
  model.cone(main, {0, body + shoulder / 2 - 0.004f, 0}, radius, shoulder / 2 + 0.002f, neck)
      .blended(0.015f);
  const float neck_middle = body + shoulder + neck_height / 2 - 0.01f;
  model.cylinder(main, {0, neck_middle, 0}, neck, neck_height / 2).blended(0.012f);
  const uint16_t cap = model.material(hard(draw));
  const float cap_half = draw.between(0.008f, 0.018f);
  model.cylinder(cap, {0, neck_middle + neck_height / 2, 0}, neck + 0.003f, cap_half).round(0.002f);
  if (draw.chance(0.75f)) {
    const float half = body * draw.between(0.2f, 0.36f);
    model.cylinder(model.material(paper(draw)), {0, body * 0.48f, 0}, radius + 0.0015f, half);
  }
  return model;
}

Model make_vase(Draw& draw) {
  Model model;
  const float height = draw.between(0.18f, 0.4f), belly = height * draw.between(0.22f, 0.36f);
  const float foot = belly * draw.between(0.45f, 0.75f), neck = belly * draw.between(0.25f, 0.6f);
  const float lip = neck * draw.between(1.15f, 1.9f), widest = draw.between(0.32f, 0.6f) * height;
  const float collar = draw.between(0.72f, 0.86f) * height;
  const uint16_t body = model.material(draw.chance(0.7f) ? ceramic(draw) : hard(draw));
  const float soft_edge = height * 0.1f;
  model.cone(body, {0, widest / 2, 0}, foot, widest / 2, belly);
  model.cone(body, {0, (widest + collar) / 2, 0}, belly, (collar - widest) / 2, neck)
      .blended(soft_edge * 0.5f);
  if (draw.chance(0.6f))
    model.ellipsoid(body, {0, widest, 0}, {belly * 1.06f, height * 0.22f, belly * 1.06f})
        .blended(soft_edge);
  model.cone(body, {0, (collar + height) / 2, 0}, neck, (height - collar) / 2, lip)
      .blended(soft_edge * 0.4f);
  model
      .cone(body, {0, (collar + height) / 2 + 0.003f, 0}, neck * 0.8f, (height - collar) / 2,
            lip - 0.006f)
      .cut();
  model.cylinder(body, {0, collar * 0.7f, 0}, neck * 0.75f, collar * 0.35f).cut();
  if (draw.chance(0.3f)) {  // a few flowers
    const uint16_t stem = model.material(leaf(draw));
    const uint16_t bloom = model.material(cloth(draw));
    for (int i = 2 + draw.below(4); i > 0; --i) {
      const float angle = draw.between(0, 360), out = height * draw.between(0.05f, 0.35f);
      const float up = height * draw.between(1.25f, 1.7f),
                  size = height * draw.between(0.05f, 0.09f);
      const Vec3 end{out * cosine(angle), up, out * sine(angle)};
      model.bar(stem, {0, collar * 0.5f, 0}, end, 0.003f);
      model.ellipsoid(bloom, end, {size, size * 0.7f, size});
    }
  }
  return model;
}

Model make_plant(Draw& draw) {
  Model model;
  const float pot = draw.between(0.08f, 0.2f), top = pot * draw.between(0.5f, 0.75f);
  const uint16_t clay = model.material(hard(draw));
  const uint16_t green = model.material(leaf(draw));
  Material earth;
  earth.colour = {0.04f, 0.025f, 0.015f};
  earth.infrared = draw.between(0.1f, 0.3f);
  model.cone(clay, {0, pot / 2, 0}, top * draw.between(0.6f, 0.95f), pot / 2, top).round(0.004f);
  model.cylinder(clay, {0, pot + 0.02f, 0}, top * 0.9f, 0.04f).cut();
  model.cylinder(model.material(earth), {0, pot * 0.8f, 0}, top * 0.85f, 0.01f);
  const float height = pot * draw.between(1.4f, 3.0f);
  const int style = draw.below(4);
  if (style == 0) {  // blades from the earth
    for (int i = 9 + draw.below(7); i > 0; --i) {
      const float angle = draw.between(0, 360), lean = draw.between(4, 32);
      const float own = height * draw.between(0.6f, 1.0f), wide = draw.between(0.012f, 0.03f);
      const float out = top * draw.between(0.1f, 0.5f) + 0.45f * own * sine(lean);
      model
          .ellipsoid(green, {out * cosine(angle), pot + own * 0.42f, out * sine(angle)},
                     {wide, own / 2, 0.006f})
          .rotate(about_x(lean))
          .rotate(about_y(90 - angle));
    }
  } else if (style == 1) {  // a trunk with a round crown
    const uint16_t bark = model.material(wood(draw));
    model.bar(bark, {0, pot * 0.7f, 0}, {0.01f, pot + height * 0.5f, 0}, pot * 0.08f);
    for (int i = 14 + draw.below(6); i > 0; --i) {
      const float angle = draw.between(0, 360), out = height * draw.between(0.08f, 0.26f);
      const float up = pot + height * draw.between(0.5f, 0.95f),
                  size = height * draw.between(0.1f, 0.16f);
      model
          .ellipsoid(green, {out * cosine(angle), up, out * sine(angle)},
                     {size, size * 0.75f, size})
          .blended(0.015f);
    }
  } else if (style == 2) {  // broad leaves on stalks
    for (int i = 8 + draw.below(6); i > 0; --i) {
      const float angle = draw.between(0, 360), out = height * draw.between(0.2f, 0.5f);
      const float up = pot + height * draw.between(0.3f, 0.95f),
                  size = height * draw.between(0.12f, 0.22f);
      const Vec3 end{out * cosine(angle), up, out * sine(angle)};
      model.bar(green, {0, pot * 0.8f, 0}, end, 0.005f);
      model.ellipsoid(green, end, {size * 0.6f, 0.007f, size})
          .rotate(about_x(draw.between(5, 50)))
          .rotate(about_y(90 - angle));
    }
  } else {  // arching fronds
    for (int i = 9 + draw.below(5); i > 0; --i) {
      const float angle = draw.between(0, 360), out = height * draw.between(0.3f, 0.65f);
      const float up = pot + height * draw.between(0.35f, 0.85f),
                  drop = height * draw.between(0.0f, 0.3f);
      const float c = cosine(angle), s = sine(angle);
      const Vec3 knee{out * 0.5f * c, up, out * 0.5f * s},
          end{out * 1.2f * c, up - drop, out * 1.2f * s};
      model.bar(green, {0, pot * 0.8f, 0}, knee, 0.006f);
      const float half = 0.5f * length(end - knee) + 0.02f;
      Part& frond = model.bar(green, knee, end, 0.01f);
      frond.shape = Shape::kEllipsoid;
      frond.size = {half * 0.32f, half, 0.009f};
      frond.reach = half * 1.1f;
    }
  }
  return model;
}

}  // namespace nitro::synth
