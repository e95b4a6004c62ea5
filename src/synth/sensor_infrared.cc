#include <algorithm>

#include "synth/blur.h"
#include "synth/sensors.h"

namespace nitro::synth {

Picture see_infrared(const Rendered& rendered, Draw& draw) {
  const int size = rendered.size;
  const std::vector<float> light = blurred(rendered.infrared, size, draw.between(0.15f, 0.5f));
  std::vector<float> sorted = light;
  const auto bright = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 4 / 5);
  std::nth_element(sorted.begin(), bright, sorted.end());
  const float gain = draw.between(0.5f, 0.9f) / greatest(*bright, 1e-5f);
  const float quality = draw.between(0, 1);
  const float shot = 0.01f + 0.05f * quality * quality, read = draw.between(0.003f, 0.02f);
  const float speckle = draw.chance(0.5f) ? draw.between(0.02f, 0.12f) : 0;
  const float dark_corner = draw.between(0.1f, 0.6f);
  Picture picture{size, 1, 8, {}};
  picture.values.reserve(light.size());
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const float u = static_cast<float>(2 * x + 1 - size) / static_cast<float>(size);
      const float v = static_cast<float>(2 * y + 1 - size) / static_cast<float>(size);
      const float level = light[static_cast<size_t>(y * size + x)] * gain *
                          (1 - dark_corner * 0.5f * (u * u + v * v));
      const float rough = level * (1 + speckle * draw.bell());
      const float value = rough + draw.bell() * (read + shot * square_root(greatest(level, 0)));
      // A little compressed, as cameras with a wide range do.
      const float shown = square_root(clamped(value, 0, 1)) * 0.6f + clamped(value, 0, 1) * 0.4f;
      picture.values.push_back(static_cast<uint16_t>(255.0f * shown + 0.5f));
    }
  }
  return picture;
}

}  // namespace nitro::synth
