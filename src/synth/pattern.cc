#include "synth/material.h"

namespace nitro::synth {
namespace {

/// Hash of a cell to 0..1.
float cell(int x, int y, int z) {
  uint32_t h = static_cast<uint32_t>(x) * 0x8DA6B343U ^ static_cast<uint32_t>(y) * 0xD8163841U ^
               static_cast<uint32_t>(z) * 0xCB1AB31FU;
  h = (h ^ (h >> 15)) * 0x2C1B3C6DU;
  h = (h ^ (h >> 12)) * 0x297A2D39U;
  return static_cast<float>((h ^ (h >> 15)) >> 8) * 0x1.0p-24f;
}

struct Split {
  int whole;
  float rest;
};
Split split_of(float value) {
  const float whole = std::floor(value);
  return {static_cast<int>(whole), value - whole};
}

/// A wave of period 1 between 0 and 1 with flat tops.
float square_wave(float value) {
  const float rest = split_of(value).rest;
  return smooth_step(0.2f, 0.3f, rest) - smooth_step(0.7f, 0.8f, rest);
}

float cloud(const Vec3& p) {
  return smooth_step(0.25f, 0.75f,
                     0.6f * noise_at(p) + 0.3f * noise_at(p * 2.1f) + 0.1f * noise_at(p * 4.7f));
}

float grain(const Vec3& p) {
  // Rings about an axis far off, bent by noise that changes slowly along the fibres.
  const float bend = noise_at({p.x * 0.25f, p.y * 0.25f, p.z * 0.03f});
  const float rings = square_wave(p.x * 0.5f + p.y * 0.17f + bend * 3.0f);
  const float fibre = noise_at({p.x * 4.0f, p.y * 4.0f, p.z * 0.25f});
  return 0.45f * rings + 0.55f * fibre;
}

/// Boards along z, each of its own shade, with dark joints.
float planks(const Vec3& p) {
  const Split row = split_of(p.x);
  const Split piece = split_of(p.z * 0.15f + cell(row.whole, 3, 0));
  const float joint = row.rest < 0.04f || piece.rest < 0.006f ? 1.0f : 0.0f;
  return greatest(joint, 0.7f * cell(row.whole, piece.whole, 5) +
                             0.3f * noise_at({p.x * 6.0f, 0.0f, p.z * 0.6f}));
}

float tiles(const Vec3& p) {
  const Split x = split_of(p.x), y = split_of(p.y), z = split_of(p.z);
  const bool joint = x.rest < 0.05f || y.rest < 0.05f || z.rest < 0.05f;
  return joint ? 1.0f : 0.25f * cell(x.whole, y.whole, z.whole);
}

float dots(const Vec3& p) {
  const Vec3 rest{split_of(p.x).rest - 0.5f, split_of(p.y).rest - 0.5f, split_of(p.z).rest - 0.5f};
  return 1.0f - smooth_step(0.07f, 0.11f, dot(rest, rest));
}

float sharp_pattern(Pattern pattern, const Vec3& p) {
  switch (pattern) {
    case Pattern::kPlain:
      return 0;
    case Pattern::kCloud:
      return cloud(p);
    case Pattern::kGrain:
      return grain(p);
    case Pattern::kStripes:
      return square_wave(p.x);
    case Pattern::kChecks: {
      const float a = square_wave(p.x), b = square_wave(p.y), c = square_wave(p.z);
      const float ab = a + b - 2 * a * b;
      return ab + c - 2 * ab * c;
    }
    case Pattern::kDots:
      return dots(p);
    case Pattern::kPlanks:
      return planks(p);
    case Pattern::kTiles:
      return tiles(p);
  }
  return 0;
}

}  // namespace

float noise_at(const Vec3& point) {
  const Split x = split_of(point.x), y = split_of(point.y), z = split_of(point.z);
  const auto eased = [](float part) { return part * part * (3.0f - 2.0f * part); };
  const float u = eased(x.rest), v = eased(y.rest), w = eased(z.rest);
  const auto row = [&](int dy, int dz) {
    return mixed(cell(x.whole, y.whole + dy, z.whole + dz),
                 cell(x.whole + 1, y.whole + dy, z.whole + dz), u);
  };
  return mixed(mixed(row(0, 0), row(1, 0), v), mixed(row(0, 1), row(1, 1), v), w);
}

float pattern_at(const Material& material, const Vec3& point, float blur) {
  if (material.pattern == Pattern::kPlain) return 0;
  const float fade = smooth_step(0.25f, 0.6f, blur / material.period);
  if (fade >= 1) return 0.4f;
  const Vec3 p = material.grain * (point + material.shift) * (1.0f / material.period);
  return mixed(sharp_pattern(material.pattern, p), 0.4f, fade);
}

}  // namespace nitro::synth
