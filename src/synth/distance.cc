#include "synth/distance.h"

namespace nitro::synth {
namespace {

Lanes box(const VecLanes& p, const Vec3& half, float rounding) {
  const VecLanes q{magnitude(p.x) - (half.x - rounding), magnitude(p.y) - (half.y - rounding),
                   magnitude(p.z) - (half.z - rounding)};
  const VecLanes outside{greatest(q.x, 0), greatest(q.y, 0), greatest(q.z, 0)};
  return length(outside) + least(greatest(q.x, greatest(q.y, q.z)), 0) - rounding;
}

/// The nearest integer, for less than 2^22.
Lanes rounded(Lanes value) {
  const float magic = 12582912.0f;
  return (value + magic) - magic;
}

Lanes nearest_cell(Lanes value, float spacing, float most) {
  if (spacing == 0) return value;
  const float shift = most - static_cast<float>(static_cast<int>(most));  // 0 or a half
  const Lanes cell = rounded(value / spacing + shift) - shift;
  return value - spacing * clamped(cell, -most, most);
}

Lanes grid(const Part& part, const VecLanes& p) {
  return box({nearest_cell(p.x, part.spacing.x, part.most.x),
              nearest_cell(p.y, part.spacing.y, part.most.y),
              nearest_cell(p.z, part.spacing.z, part.most.z)},
             part.size, part.rounding);
}

Lanes ellipsoid(const VecLanes& p, const Vec3& half) {
  const VecLanes a{p.x / half.x, p.y / half.y, p.z / half.z};
  const VecLanes b{a.x / half.x, a.y / half.y, a.z / half.z};
  const Lanes outer = length(a);
  return outer * (outer - 1.0f) / greatest(length(b), 1e-9f);
}

Lanes cylinder(const VecLanes& p, const Part& part) {
  const Lanes side = length(p.x, p.z) - (part.size.x - part.rounding);
  const Lanes end = magnitude(p.y) - (part.size.y - part.rounding);
  return least(greatest(side, end), 0) + length(greatest(side, 0), greatest(end, 0)) -
         part.rounding;
}

Lanes cone(const VecLanes& p, const Part& part) {
  const float bottom = part.size.x - part.rounding, top = part.size.z - part.rounding;
  const float height = part.size.y - part.rounding;
  const Lanes q = length(p.x, p.z);
  const Lanes radius = p.y < 0.0f ? spread(bottom) : spread(top);
  const Lanes cap_x = q - least(q, radius), cap_y = magnitude(p.y) - height;
  const float slope_x = top - bottom, slope_y = 2 * height;
  const Lanes along = clamped(
      ((top - q) * slope_x + (height - p.y) * slope_y) / (slope_x * slope_x + slope_y * slope_y), 0,
      1);
  const Lanes side_x = q - top + slope_x * along, side_y = p.y - height + slope_y * along;
  const Lanes squared = least(cap_x * cap_x + cap_y * cap_y, side_x * side_x + side_y * side_y);
  const Lanes away = square_root(squared);
  const Mask inside = (side_x < 0.0f) & (cap_y < 0.0f);
  return (inside ? -away : away) - part.rounding;
}

Lanes capsule(const VecLanes& p, const Vec3& size) {
  return length(VecLanes{p.x, p.y - clamped(p.y, -size.y, size.y), p.z}) - size.x;
}

Lanes torus(const VecLanes& p, const Vec3& size) {
  return length(length(p.x, p.z) - size.x, p.y) - size.y;
}

Lanes part_distance(const Part& part, const VecLanes& points) {
  VecLanes p = points - spread(part.centre);
  if (part.turned) p = part.turn * p;
  if (part.stretch > 0) p.z -= clamped(p.z, -part.stretch, part.stretch);
  switch (part.shape) {
    case Shape::kBox:
      return box(p, part.size, part.rounding);
    case Shape::kGrid:
      return grid(part, p);
    case Shape::kEllipsoid:
      return ellipsoid(p, part.size);
    case Shape::kCylinder:
      return cylinder(p, part);
    case Shape::kCone:
      return cone(p, part);
    case Shape::kCapsule:
      return capsule(p, part.size);
    case Shape::kTorus:
      return torus(p, part.size);
  }
  return p.x;
}

Lanes joined(const Part& part, Lanes before, Lanes own) {
  if (part.join == Join::kCut) return greatest(before, -own);
  if (part.blend == 0) return least(before, own);
  const Lanes near = greatest(part.blend - magnitude(before - own), 0) / part.blend;
  return least(before, own) - near * near * (part.blend * 0.25f);
}

}  // namespace

void PartList::add(const Part& part) {
  if (count == kMostParts) return;
  parts[static_cast<size_t>(count++)] = &part;
  solid |= part.join == Join::kAdd;
}

Lanes distance(const PartList& list, const VecLanes& points) {
  Lanes result = spread(1e3f);
  for (const Part* part : list.all()) result = joined(*part, result, part_distance(*part, points));
  return result;
}

Mask nearest_material(const PartList& list, const VecLanes& points) {
  Lanes result = spread(1e3f);
  Mask material = {};
  for (const Part* part : list.all()) {
    const Lanes own = part_distance(*part, points);
    const Mask taken = part->join == Join::kCut ? -own > result : own < result;
    const Mask index = Mask{} + static_cast<int32_t>(part->material);
    material = taken ? index : material;
    result = joined(*part, result, own);
  }
  return material;
}

}  // namespace nitro::synth
