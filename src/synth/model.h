#pragma once

#include <vector>

#include "synth/material.h"
#include "synth/vec.h"

namespace nitro::synth {

/// What a part is, around its own centre; y is up. `size` means:
///   box        half the edges
///   grid       half the edges of each of several boxes (`spacing`, `most`)
///   ellipsoid  half the axes
///   cylinder   x: radius, y: half the height
///   cone       x: radius at the bottom, y: half the height, z: radius at the top
///   capsule    x: radius, y: half the height between the centres of its ends
///   torus      x: radius of the ring, which lies flat, y: radius of its tube
enum class Shape : uint8_t { kBox, kGrid, kEllipsoid, kCylinder, kCone, kCapsule, kTorus };

/// How a part joins those before it: added, or cut out of them.
enum class Join : uint8_t { kAdd, kCut };

struct Part {
  Shape shape = Shape::kBox;
  Join join = Join::kAdd;
  bool turned = false;
  uint16_t material = 0;
  Vec3 centre;
  Turn turn;  // from the object's axes to the part's own
  Vec3 size;
  float rounding = 0;  // radius of edges (box, cylinder, cone), inside the size
  float blend = 0;     // width of a smooth transition to the parts before it
  float stretch = 0;   // the shape is cut at z = 0 and drawn apart by twice this
  Vec3 spacing;        // grid: distance of the boxes' centres
  Vec3 most;  // grid: boxes on each side of the middle one; with halves, none is in the middle
  float reach = 0;  // radius of a sphere about the centre that holds it

  Part& round(float radius);
  Part& blended(float width);
  Part& stretched(float by);
  /// Turned about its centre; later turns come after earlier ones.
  Part& rotate(const Turn& by);
  Part& cut();
  /// Half the edges of a box along the object's axes that holds it.
  Vec3 half() const;
};

/// A thing from parts, in metres: on y = 0, its front towards +z. Things that hang on a wall have
/// their back at z = 0 and their middle at y = 0.
class Model {
 public:
  uint16_t material(const Material& material);

  // Each returns the new part, valid until the next.
  Part& box(uint16_t material, const Vec3& centre, const Vec3& half);
  Part& grid(uint16_t material, const Vec3& centre, const Vec3& half, const Vec3& spacing,
             const Vec3& most);
  Part& ellipsoid(uint16_t material, const Vec3& centre, const Vec3& half);
  Part& cylinder(uint16_t material, const Vec3& centre, float radius, float half_height);
  Part& cone(uint16_t material, const Vec3& centre, float bottom, float half_height, float top);
  Part& capsule(uint16_t material, const Vec3& centre, float radius, float half_height);
  Part& torus(uint16_t material, const Vec3& centre, float ring, float tube);
  /// A round bar between two points; `from` and `to` are the centres of its ends.
  Part& bar(uint16_t material, const Vec3& from, const Vec3& to, float radius);

  /// All parts of `other`, turned about its origin, which then is at `offset`.
  void add(const Model& other, const Vec3& offset, const Turn& turn);

  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<Material>& materials() const { return materials_; }

 private:
  Part& part(Shape shape, uint16_t material, const Vec3& centre, const Vec3& size);

  std::vector<Part> parts_;
  std::vector<Material> materials_;
};

/// The box along the axes that holds a model's parts.
struct Bounds {
  Vec3 low, high;
  Vec3 centre() const { return (low + high) * 0.5f; }
  Vec3 half() const { return (high - low) * 0.5f; }
};
Bounds bounds_of(const Model& model);

}  // namespace nitro::synth
