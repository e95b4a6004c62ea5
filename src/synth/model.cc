#include "synth/model.h"

namespace nitro::synth {
namespace {

/// Half the edges of a box along the part's own axes.
Vec3 own_half(const Part& part) {
  const Vec3& s = part.size;
  const auto about_axis = [&](float radius, float height) {
    return Vec3{radius, height, radius + part.stretch};
  };
  switch (part.shape) {
    case Shape::kBox:
    case Shape::kEllipsoid:
      return {s.x, s.y, s.z + part.stretch};
    case Shape::kGrid:
      return part.spacing * part.most + s;
    case Shape::kCylinder:
      return about_axis(s.x, s.y);
    case Shape::kCone:
      return about_axis(greatest(s.x, s.z), s.y);
    case Shape::kCapsule:
      return about_axis(s.x, s.y + s.x);
    case Shape::kTorus:
      return about_axis(s.x + s.y, s.y);
  }
  return s;
}

void measure(Part& part) { part.reach = length(own_half(part)); }

}  // namespace

Part& Part::round(float radius) {
  rounding = radius;
  return *this;
}
Part& Part::blended(float width) {
  blend = width;
  return *this;
}
Part& Part::stretched(float by) {
  stretch = by;
  measure(*this);
  return *this;
}
Part& Part::rotate(const Turn& by) {
  turn = turn * inverse(by);
  turned = true;
  return *this;
}
Part& Part::cut() {
  join = Join::kCut;
  return *this;
}

Vec3 Part::half() const {
  const Vec3 own = own_half(*this);
  const Turn back = inverse(turn);
  const auto row = [&](const Vec3& r) {
    return magnitude(r.x) * own.x + magnitude(r.y) * own.y + magnitude(r.z) * own.z;
  };
  return {row(back.x), row(back.y), row(back.z)};
}

uint16_t Model::material(const Material& material) {
  materials_.push_back(material);
  return static_cast<uint16_t>(materials_.size() - 1);
}

Part& Model::part(Shape shape, uint16_t material, const Vec3& centre, const Vec3& size) {
  Part part;
  part.shape = shape;
  part.material = material;
  part.centre = centre;
  part.size = size;
  measure(part);
  parts_.push_back(part);
  return parts_.back();
}

Part& Model::box(uint16_t material, const Vec3& centre, const Vec3& half) {
  return part(Shape::kBox, material, centre, half);
}
Part& Model::grid(uint16_t material, const Vec3& centre, const Vec3& half, const Vec3& spacing,
                  const Vec3& most) {
  Part& made = part(Shape::kGrid, material, centre, half);
  made.spacing = spacing;
  made.most = most;
  measure(made);
  return made;
}
Part& Model::ellipsoid(uint16_t material, const Vec3& centre, const Vec3& half) {
  return part(Shape::kEllipsoid, material, centre, half);
}
Part& Model::cylinder(uint16_t material, const Vec3& centre, float radius, float half_height) {
  return part(Shape::kCylinder, material, centre, {radius, half_height, 0});
}
Part& Model::cone(uint16_t material, const Vec3& centre, float bottom, float half_height,
                  float top) {
  return part(Shape::kCone, material, centre, {bottom, half_height, top});
}
Part& Model::capsule(uint16_t material, const Vec3& centre, float radius, float half_height) {
  return part(Shape::kCapsule, material, centre, {radius, half_height, 0});
}
Part& Model::torus(uint16_t material, const Vec3& centre, float ring, float tube) {
  return part(Shape::kTorus, material, centre, {ring, tube, 0});
}

Part& Model::bar(uint16_t material, const Vec3& from, const Vec3& to, float radius) {
  const Vec3 along = to - from;
  Part& made = capsule(material, (from + to) * 0.5f, radius, 0.5f * length(along));
  const Vec3 y = unit(along);
  const Vec3 x = unit(cross(y, magnitude(y.x) < 0.7f ? Vec3{1, 0, 0} : Vec3{0, 0, 1}));
  made.turn = {x, y, cross(x, y)};
  made.turned = true;
  return made;
}

void Model::add(const Model& other, const Vec3& offset, const Turn& turn) {
  const auto first = static_cast<uint16_t>(materials_.size());
  materials_.insert(materials_.end(), other.materials_.begin(), other.materials_.end());
  for (Part part : other.parts_) {
    part.centre = turn * part.centre + offset;
    part.rotate(turn);
    part.material = static_cast<uint16_t>(part.material + first);
    parts_.push_back(part);
  }
}

Bounds bounds_of(const Model& model) {
  Bounds bounds{{1e9f, 1e9f, 1e9f}, {-1e9f, -1e9f, -1e9f}};
  for (const Part& part : model.parts()) {
    if (part.join == Join::kCut) continue;
    const Vec3 half = part.half();
    const Vec3 low = part.centre - half, high = part.centre + half;
    bounds.low = {least(bounds.low.x, low.x), least(bounds.low.y, low.y),
                  least(bounds.low.z, low.z)};
    bounds.high = {greatest(bounds.high.x, high.x), greatest(bounds.high.y, high.y),
                   greatest(bounds.high.z, high.z)};
  }
  return bounds;
}

}  // namespace nitro::synth
