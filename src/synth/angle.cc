#include "synth/angle.h"

#include <numbers>

namespace nitro::synth {

float sine(float degrees) {
  // To [-90, 90], then Taylor's polynomial, whose next term is below 6e-8 there.
  float turns = degrees / 360.0f;
  turns -= std::floor(turns + 0.5f);
  if (turns > 0.25f) turns = 0.5f - turns;
  if (turns < -0.25f) turns = -0.5f - turns;
  const double x = 2 * std::numbers::pi * static_cast<double>(turns);
  const double s = x * x;
  return static_cast<float>(
      x * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110))))));
}

float cosine(float degrees) { return sine(degrees + 90.0f); }

Turn about_x(float degrees) {
  const float c = cosine(degrees), s = sine(degrees);
  return {{1, 0, 0}, {0, c, -s}, {0, s, c}};
}
Turn about_y(float degrees) {
  const float c = cosine(degrees), s = sine(degrees);
  return {{c, 0, s}, {0, 1, 0}, {-s, 0, c}};
}
Turn about_z(float degrees) {
  const float c = cosine(degrees), s = sine(degrees);
  return {{c, -s, 0}, {s, c, 0}, {0, 0, 1}};
}

}  // namespace nitro::synth
