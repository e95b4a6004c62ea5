#include "synth/sensors.h"

namespace nitro::synth {
namespace {

/// How much of the illuminator's light comes back, by reflectance, angle and distance.
float signal(const Rendered& r, size_t at, float reach) {
  const float z = r.depth[at];
  return r.returned[at] * r.facing[at] * (1 - r.mirrored[at]) * reach * reach /
         (reach * reach + z * z);
}

/// Pixels that a projector beside the camera does not reach, in one row: going away from it, what
/// is near hides what is far behind it. `base` is its distance in pixels times metres.
void shadow_row(const Rendered& r, int y, float base, bool right, std::vector<uint8_t>& hole) {
  float nearest = 1e9f;
  for (int i = r.size - 1; i >= 0; --i) {
    const auto at = static_cast<size_t>(y * r.size + (right ? i : r.size - 1 - i));
    // Where the projector sees this point, in pixels.
    const float seen = static_cast<float>(i) - base / r.depth[at];
    if (seen > nearest + 0.7f) hole[at] = 1;
    nearest = least(nearest, seen);
  }
}

std::vector<uint8_t> lost(const Rendered& r, Draw& draw, float needed) {
  std::vector<uint8_t> hole(r.depth.size(), 0);
  const float reach = draw.between(2.5f, 5);
  for (size_t at = 0; at < hole.size(); ++at) {
    const float margin = signal(r, at, reach) / needed;
    hole[at] = margin < 0.6f + 0.8f * draw.between(0, 1) ? 1 : 0;
  }
  return hole;
}

/// The greatest difference of depth to a neighbour, and the neighbour's place.
size_t furthest_neighbour(const Rendered& r, int x, int y) {
  const auto at = static_cast<size_t>(y * r.size + x);
  size_t found = at;
  for (const auto& [dx, dy] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
    const int px = x + dx, py = y + dy;
    if (px < 0 || py < 0 || px >= r.size || py >= r.size) continue;
    const auto other = static_cast<size_t>(py * r.size + px);
    if (magnitude(r.depth[other] - r.depth[at]) > magnitude(r.depth[found] - r.depth[at]))
      found = other;
  }
  return found;
}

}  // namespace

Picture see_depth(const Rendered& r, Draw& draw) {
  const int size = r.size;
  const bool structured = draw.chance(0.6f);
  const float needed = draw.between(0.02f, 0.06f);
  std::vector<uint8_t> hole = lost(r, draw, needed);
  const float base = static_cast<float>(size) * draw.between(0.02f, 0.06f);
  const bool right = draw.chance(0.5f);
  if (structured)
    for (int y = 0; y < size; ++y) shadow_row(r, y, base, right, hole);
  const float step = draw.between(0.0015f, 0.003f), noise = draw.between(0.002f, 0.008f);
  Picture picture{size, 1, 16, {}};
  picture.values.reserve(r.depth.size());
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const auto at = static_cast<size_t>(y * size + x);
      const size_t other = furthest_neighbour(r, x, y);
      float z = r.depth[at];
      const bool edge = magnitude(r.depth[other] - z) > 0.03f + 0.03f * z;
      const float chance = draw.between(0, 1), error = draw.bell();
      bool gone = hole[at] != 0 || z > 9.5f;
      if (structured) {
        const float width = step * z * z;  // of one step of disparity
        z = width * std::floor(z / width + 0.5f + 0.35f * error);
        gone |= edge && chance < 0.45f;
      } else {
        if (edge && chance < 0.5f) z = mixed(z, r.depth[other], chance);
        z += error * noise * (0.3f + 0.06f / (0.02f + signal(r, at, 3)));
        gone |= edge && chance > 0.9f;
      }
      const float millimetres = clamped(z * 1000 + 0.5f, 1, 65535);
      picture.values.push_back(gone ? uint16_t{0} : static_cast<uint16_t>(millimetres));
    }
  }
  return picture;
}

}  // namespace nitro::synth
