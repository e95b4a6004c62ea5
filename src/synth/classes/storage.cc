#include "synth/angle.h"
#include "synth/classes.h"
#include "synth/classes/legs.h"

namespace nitro::synth {

Model make_table(Draw& draw) {
  Model model;
  const float half = draw.between(0.4f, 0.9f), height = draw.between(0.42f, 0.78f);
  const float depth = draw.between(0.32f, least(half, 0.5f)), thick = draw.between(0.012f, 0.03f);
  const uint16_t top = model.material(draw.chance(0.6f) ? wood(draw) : hard(draw));
  const uint16_t frame = draw.chance(0.5f) ? top : model.material(hard(draw));
  const bool round = draw.chance(0.3f);
  if (round) {
    model.cylinder(top, {0, height - thick, 0}, depth, thick)
        .round(0.008f)
        .stretched(draw.chance(0.5f) ? half - depth : 0);
  } else {
    model.box(top, {0, height - thick, 0}, {half, thick, depth}).round(0.008f);
  }
  if (round && draw.chance(0.6f)) {
    model.cylinder(frame, {0, height / 2, 0}, draw.between(0.03f, 0.06f), height / 2 - thick);
    model.cone(frame, {0, 0.025f, 0}, depth * 0.6f, 0.025f, depth * 0.3f);
    return model;
  }
  const float inside = round ? depth * 0.7f : depth - 0.03f;
  add_legs(draw, model, frame, round ? inside : half - 0.03f, inside, height - thick);
  if (!round && draw.chance(0.6f)) {  // rails under the top
    const float rail = draw.between(0.03f, 0.06f);
    for (const float side : {-1.0f, 1.0f}) {
      model.box(frame, {0, height - 2 * thick - rail, side * (depth - 0.05f)},
                {half - 0.05f, rail, 0.012f});
      model.box(frame, {side * (half - 0.05f), height - 2 * thick - rail, 0},
                {0.012f, rail, depth - 0.05f});
    }
  }
  if (!round && draw.chance(0.25f))  // a lower shelf
    model.box(frame, {0, height * 0.3f, 0}, {half - 0.05f, 0.012f, depth - 0.05f});
  return model;
}

Model make_bookshelf(Draw& draw) {
  Model model;
  const float half = draw.between(0.3f, 0.55f), depth = draw.between(0.12f, 0.18f);
  const int shelves = 3 + draw.below(3);
  const float pitch = draw.between(0.28f, 0.38f), board = draw.between(0.009f, 0.016f);
  const float plinth = draw.between(0.0f, 0.08f);
  const float height = plinth + pitch * static_cast<float>(shelves) + 2 * board;
  const uint16_t frame = model.material(draw.chance(0.7f) ? wood(draw) : hard(draw));
  for (const float side : {-1.0f, 1.0f})
    model.box(frame, {side * (half - board), height / 2, 0}, {board, height / 2, depth});
  model.box(frame, {0, height / 2, -depth + 0.006f}, {half, height / 2, 0.006f});
  model.grid(frame, {0, plinth + board + pitch * static_cast<float>(shelves) / 2, 0},
             {half - board, board, depth}, {0, pitch, 0},
             {0, 0.5f * static_cast<float>(shelves), 0});
  if (plinth > 0.03f) model.box(frame, {0, plinth / 2, -0.02f}, {half, plinth / 2, depth - 0.02f});
  for (int shelf = 0; shelf < shelves; ++shelf) {
    const float floor = plinth + 2 * board + pitch * static_cast<float>(shelf);
    float x = -half + 2 * board + draw.between(0.0f, 0.05f);
    while (x < half - 0.12f && model.parts().size() < 54) {
      // A run of books of one height; a stripe pattern across them tells them apart.
      const int books = 2 + draw.below(5);
      const float width = draw.between(0.02f, 0.045f), tall = draw.between(0.55f, 0.88f) * pitch;
      const float run = least(width * static_cast<float>(books), half - 2 * board - x);
      Material spines = paper(draw);
      spines.pattern = Pattern::kStripes;
      spines.period = 2 * width;
      spines.grain = {};
      spines.shift = {};
      if (spines.second.x == 0.5f) spines.second = any_colour(draw);
      if (draw.chance(0.85f)) {
        const float inset = draw.between(0.0f, 0.06f);
        model
            .grid(model.material(spines), {x + run / 2, floor + tall / 2, -inset},
                  {width / 2 - 0.002f, tall / 2, depth - 0.03f}, {width, 0, 0},
                  {0.5f * static_cast<float>(static_cast<int>(run / width) - 1), 0, 0})
            .round(0.004f);
      }
      x += run + draw.between(0.0f, 0.06f);
    }
  }
  return model;
}

Model make_bin(Draw& draw) {
  Model model;
  const float height = draw.between(0.28f, 0.65f), bottom = height * draw.between(0.26f, 0.36f);
  const float top = bottom * draw.between(1.0f, 1.3f);
  const uint16_t body = model.material(draw.chance(0.5f) ? metal(draw) : plastic(draw));
  const int style = draw.below(3);
  if (style == 0) {  // open
    model.cone(body, {0, height / 2, 0}, bottom, height / 2, top);
    model.torus(body, {0, height, 0}, top - 0.004f, 0.008f);
    model.cone(body, {0, height / 2 + 0.02f, 0}, bottom - 0.012f, height / 2 + 0.01f, top - 0.012f)
        .cut();
    if (draw.chance(0.6f)) {  // a bag over the rim, or what was thrown in
      const uint16_t waste = model.material(paper(draw));
      for (int i = 0; i < 3; ++i) {
        const float x = draw.between(-0.5f, 0.5f) * bottom, z = draw.between(-0.5f, 0.5f) * bottom;
        const float y = height * draw.between(0.75f, 0.95f);
        model.ellipsoid(waste, {x, y, z}, {0.06f, 0.05f, 0.06f});
      }
    }
  } else if (style == 1) {  // pedal and domed lid
    model.cylinder(body, {0, height / 2, 0}, bottom, height / 2).round(0.01f);
    const uint16_t lid = draw.chance(0.5f) ? body : model.material(plastic(draw));
    model.ellipsoid(lid, {0, height, 0}, {bottom, bottom * draw.between(0.25f, 0.5f), bottom});
    const uint16_t rim = model.material(plastic(draw));
    model.cylinder(rim, {0, height, 0}, bottom + 0.005f, 0.012f);
    model.cylinder(rim, {0, 0.015f, 0}, bottom + 0.006f, 0.015f);
    model.box(rim, {0, 0.02f, bottom + 0.02f}, {0.04f, 0.008f, 0.035f}).round(0.005f);
  } else {  // square with a swing lid
    const float depth = bottom * 0.8f;
    model.box(body, {0, height * 0.42f, 0}, {bottom, height * 0.42f, depth}).round(0.02f);
    const uint16_t lid = draw.chance(0.4f) ? body : model.material(plastic(draw));
    model.box(lid, {0, height * 0.88f, 0}, {bottom + 0.008f, height * 0.06f, depth + 0.008f})
        .round(0.02f);
    model.box(lid, {0, height * 0.95f, 0.01f}, {bottom * 0.8f, height * 0.07f, depth * 0.75f})
        .round(0.02f)
        .rotate(about_x(draw.between(-25, 25)));
  }
  return model;
}

}  // namespace nitro::synth
