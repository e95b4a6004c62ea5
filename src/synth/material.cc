#include "synth/material.h"

#include "synth/angle.h"

namespace nitro::synth {
namespace {

/// Hue 0..6, saturation and value 0..1, in the order in which they are drawn.
struct Hsv {
  float hue, saturation, value;
};

/// Linear reflectance.
Vec3 rgb(const Hsv& hsv) {
  const auto channel = [&](float offset) {
    const float k = offset + hsv.hue < 6 ? offset + hsv.hue : offset + hsv.hue - 6;
    return hsv.value * (1 - hsv.saturation * clamped(least(k, 4.0f - k), 0.0f, 1.0f));
  };
  const Vec3 c{channel(5), channel(3), channel(1)};
  return c * c;  // roughly from display values to light
}

Vec3 grey(float value) { return {value, value, value}; }

Turn any_turn(Draw& draw) {
  const float x = draw.between(0, 360), y = draw.between(0, 360);
  return about_x(x) * about_y(y);
}

/// Along an axis, a little off it.
Turn grain_turn(Draw& draw) {
  const bool turned = draw.chance(0.5f), upright = draw.chance(0.5f);
  const float x = draw.between(-4, 4);
  const float y = draw.between(-4, 4);
  return about_x(turned ? x + 90 : x) * about_y(upright ? y + 90 : y);
}

void place_pattern(Draw& draw, Material& material) {
  material.shift = {draw.between(-9, 9), draw.between(-9, 9), draw.between(-9, 9)};
}

/// Of a period between both lengths, in metres.
void pattern_of(Draw& draw, Material& m, Pattern pattern, float least, float most) {
  m.pattern = pattern;
  m.period = draw.between(least, most);
  place_pattern(draw, m);
}

/// A pattern of two colours. Most dyes differ less in the infrared; some differ only there.
void decorate(Draw& draw, Material& material, std::initializer_list<Pattern> patterns, float least,
              float most) {
  material.pattern = draw.pick(patterns);
  material.period = draw.between(least, most);
  material.second = any_colour(draw);
  const float infrared = draw.between(0.15f, 0.85f);
  const float kind = draw.between(0, 1);
  material.infrared_second = kind < 0.5f ? material.infrared : infrared;
  if (kind > 0.85f) material.second = material.colour * draw.between(0.85f, 1.15f);
  material.grain = draw.chance(0.75f) ? grain_turn(draw) : any_turn(draw);
  place_pattern(draw, material);
}

}  // namespace

Vec3 any_colour(Draw& draw) {
  const float vivid = draw.between(0, 1);
  return rgb({draw.between(0, 6), vivid * vivid * 0.9f, draw.between(0.15f, 0.95f)});
}

Material wood(Draw& draw) {
  Material m;
  m.colour = rgb({draw.between(0.25f, 0.75f), draw.between(0.25f, 0.7f), draw.between(0.3f, 0.9f)});
  m.second = m.colour * draw.between(0.45f, 0.85f);
  m.infrared = draw.between(0.4f, 0.8f);
  m.infrared_second = m.infrared * draw.between(0.8f, 1.0f);
  m.pattern = Pattern::kGrain;
  m.period = draw.between(0.015f, 0.05f);
  m.grain = draw.chance(0.5f) ? about_y(90) : about_x(90);
  place_pattern(draw, m);
  m.gloss = draw.between(0.0f, 0.25f);
  m.sharpness = 4 + draw.below(3);
  return m;
}

Material cloth(Draw& draw) {
  Material m;
  m.colour = any_colour(draw);
  m.infrared = draw.between(0.35f, 0.85f);
  if (draw.chance(0.5f)) {
    decorate(draw, m, {Pattern::kStripes, Pattern::kChecks, Pattern::kDots, Pattern::kCloud}, 0.02f,
             0.14f);
  }
  return m;
}

Material carpet(Draw& draw) {
  Material m = cloth(draw);
  if (m.pattern == Pattern::kPlain) {
    m.pattern = Pattern::kCloud;
    m.period = draw.between(0.01f, 0.05f);
    m.second = m.colour * draw.between(0.5f, 0.8f);
    m.infrared_second = m.infrared * draw.between(0.7f, 1.0f);
    place_pattern(draw, m);
  } else {
    m.period *= draw.between(1, 4);
  }
  return m;
}

Material plastic(Draw& draw) {
  Material m;
  const float kind = draw.between(0, 1);
  m.colour = kind < 0.25f  ? grey(draw.between(0.01f, 0.05f))
             : kind < 0.5f ? grey(draw.between(0.5f, 0.85f))
                           : any_colour(draw);
  // Carbon black absorbs in the infrared; black dyes do not.
  m.infrared = kind < 0.15f ? draw.between(0.03f, 0.08f) : draw.between(0.4f, 0.85f);
  m.gloss = draw.between(0.1f, 0.6f);
  m.sharpness = 4 + draw.below(4);
  if (draw.chance(0.15f))
    decorate(draw, m, {Pattern::kStripes, Pattern::kDots, Pattern::kCloud}, 0.02f, 0.1f);
  return m;
}

Material metal(Draw& draw) {
  Material m;
  const Vec3 tint = draw.pick({Vec3{0.5f, 0.5f, 0.52f}, Vec3{0.45f, 0.33f, 0.15f},
                               Vec3{0.2f, 0.2f, 0.21f}, Vec3{0.45f, 0.25f, 0.16f}});
  m.colour = tint * draw.between(0.5f, 1.2f);
  m.infrared = draw.between(0.25f, 0.6f);
  m.infrared_second = m.infrared * 0.8f;
  m.second = m.colour * 0.7f;
  pattern_of(draw, m, draw.chance(0.4f) ? Pattern::kCloud : Pattern::kPlain, 0.02f, 0.2f);
  m.gloss = draw.between(0.6f, 1.0f);
  m.sharpness = 4 + draw.below(4);
  return m;
}

Material ceramic(Draw& draw) {
  Material m;
  m.colour = draw.chance(0.6f) ? grey(draw.between(0.55f, 0.85f)) : any_colour(draw);
  m.infrared = draw.between(0.5f, 0.85f);
  m.gloss = draw.between(0.3f, 0.8f);
  m.sharpness = 5 + draw.below(3);
  if (draw.chance(0.3f))
    decorate(draw, m, {Pattern::kStripes, Pattern::kDots, Pattern::kChecks, Pattern::kCloud},
             0.015f, 0.06f);
  return m;
}

Material leather(Draw& draw) {
  Material m;
  m.colour = rgb({draw.between(0, 0.7f), draw.between(0.1f, 0.7f), draw.between(0.1f, 0.7f)});
  m.second = m.colour * 0.7f;
  m.infrared = draw.between(0.3f, 0.7f);
  m.infrared_second = m.infrared * 0.9f;
  pattern_of(draw, m, Pattern::kCloud, 0.02f, 0.08f);
  m.gloss = draw.between(0.1f, 0.4f);
  return m;
}

Material paper(Draw& draw) {
  Material m;
  m.colour = draw.chance(0.4f) ? grey(draw.between(0.6f, 0.9f)) : any_colour(draw);
  m.infrared = draw.between(0.5f, 0.9f);
  if (draw.chance(0.6f))
    decorate(draw, m, {Pattern::kStripes, Pattern::kCloud, Pattern::kChecks, Pattern::kDots}, 0.02f,
             0.12f);
  return m;
}

Material plaster(Draw& draw) {
  Material m;
  m.colour = rgb({draw.between(0, 6), draw.between(0, 0.35f), draw.between(0.5f, 0.98f)});
  m.second = m.colour * draw.between(0.8f, 0.97f);
  m.infrared = draw.between(0.45f, 0.85f);
  m.infrared_second = m.infrared * draw.between(0.85f, 1.0f);
  pattern_of(draw, m, Pattern::kCloud, 0.2f, 1.5f);
  return m;
}

Material stone(Draw& draw) {
  Material m;
  m.colour = rgb({draw.between(0, 6), draw.between(0, 0.2f), draw.between(0.3f, 0.9f)});
  m.second = m.colour * draw.between(0.4f, 1.1f);
  m.infrared = draw.between(0.2f, 0.7f);
  m.infrared_second = m.infrared * draw.between(0.7f, 1.0f);
  m.pattern = draw.pick({Pattern::kCloud, Pattern::kTiles, Pattern::kGrain});
  m.period = m.pattern == Pattern::kTiles ? draw.between(0.15f, 0.5f) : draw.between(0.02f, 0.12f);
  place_pattern(draw, m);
  m.gloss = draw.between(0.0f, 0.5f);
  m.sharpness = 5 + draw.below(3);
  return m;
}

Material leaf(Draw& draw) {
  Material m;
  m.colour = rgb({draw.between(1.3f, 2.3f), draw.between(0.45f, 0.85f), draw.between(0.3f, 0.7f)});
  m.second = m.colour * draw.between(0.5f, 1.3f);
  m.infrared = draw.between(0.7f, 0.9f);
  m.infrared_second = m.infrared * 0.9f;
  pattern_of(draw, m, Pattern::kCloud, 0.01f, 0.06f);
  m.gloss = draw.between(0.05f, 0.4f);
  return m;
}

Material glass(Draw& draw) {
  Material m;
  m.colour = draw.chance(0.5f) ? grey(draw.between(0.2f, 0.5f))
                               : rgb({draw.between(0.5f, 3.5f), 0.6f, draw.between(0.2f, 0.6f)});
  m.infrared = draw.between(0.1f, 0.3f);
  m.gloss = draw.between(0.7f, 1.0f);
  m.sharpness = 6 + draw.below(2);
  m.clear = draw.between(0.3f, 0.8f);
  return m;
}

Material screen(Draw& draw) {
  Material m;
  m.colour = grey(draw.between(0.01f, 0.03f));
  m.second = m.colour;
  m.infrared = draw.between(0.02f, 0.06f);
  m.infrared_second = m.infrared;
  m.gloss = draw.between(0.3f, 0.9f);
  m.sharpness = 6;
  m.clear = draw.between(0.1f, 0.5f);
  if (draw.chance(0.6f)) {
    m.glow = any_colour(draw);
    m.glow = m.glow * draw.between(0.2f, 1.2f);
    pattern_of(draw, m,
               draw.pick({Pattern::kCloud, Pattern::kTiles, Pattern::kStripes, Pattern::kPlain}),
               0.03f, 0.2f);
  }
  return m;
}

Material hard(Draw& draw) {
  switch (draw.below(6)) {
    case 0:
    case 1:
      return wood(draw);
    case 2:
      return plastic(draw);
    case 3:
      return metal(draw);
    case 4:
      return stone(draw);
    default:
      return ceramic(draw);
  }
}

Material soft(Draw& draw) { return draw.chance(0.7f) ? cloth(draw) : leather(draw); }

Material glowing(const Vec3& colour, float strength, float infrared) {
  Material m;
  m.colour = colour;
  m.infrared = 0.6f;
  m.glow = colour * strength;
  m.glow_infrared = infrared;
  return m;
}

}  // namespace nitro::synth
