#include "synth/blur.h"
#include "synth/sensors.h"

namespace nitro::synth {
namespace {

float brightness(const Vec3& c) { return 0.25f * c.x + 0.6f * c.y + 0.15f * c.z; }

/// Mean brightness, where lamps and the sky count no more than four times the mean of all.
float metered(const std::vector<Vec3>& colour) {
  const auto mean = [&](float most) {
    double sum = 0;
    for (const Vec3& c : colour) sum += static_cast<double>(least(brightness(c), most));
    return static_cast<float>(sum / static_cast<double>(colour.size()));
  };
  return mean(4 * mean(1e9f));
}

/// From light to a displayed value, 0..1: a curve with a shoulder, then a gamma of two.
float developed(float light) {
  const float x = greatest(light, 0);
  return square_root(least(1, x * (1.6f * x + 0.9f) / (x * (1.55f * x + 0.85f) + 0.35f)));
}

}  // namespace

Picture see_colour(const Rendered& rendered, Draw& draw) {
  const int size = rendered.size;
  const std::vector<Vec3> light = blurred(rendered.colour, size, draw.between(0.12f, 0.4f));
  const float gain = draw.between(0.14f, 0.3f) / greatest(metered(light), 1e-4f);
  const float warm = draw.between(-0.12f, 0.12f), pink = draw.between(-0.05f, 0.05f);
  const Vec3 balance{1 + warm + pink, 1 - pink, 1 - warm + pink};
  const float dark_corner = draw.between(0, 0.35f);
  const float quality = draw.between(0, 1);
  const float shot = 0.008f + 0.05f * quality * quality, read = shot * 0.25f;
  Picture picture{size, 3, 8, {}};
  picture.values.reserve(light.size() * 3);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const float u = static_cast<float>(2 * x + 1 - size) / static_cast<float>(size);
      const float v = static_cast<float>(2 * y + 1 - size) / static_cast<float>(size);
      const float scale = gain * (1 - dark_corner * 0.5f * (u * u + v * v));
      const Vec3 c = light[static_cast<size_t>(y * size + x)] * balance * Vec3{scale, scale, scale};
      for (const float channel : {c.x, c.y, c.z}) {
        const float noise = draw.bell() * (read + shot * square_root(greatest(channel, 0)));
        picture.values.push_back(static_cast<uint16_t>(255.0f * developed(channel + noise) + 0.5f));
      }
    }
  }
  return picture;
}

}  // namespace nitro::synth
