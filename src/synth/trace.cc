#include "synth/trace.h"

#include "synth/distance.h"

namespace nitro::synth {
namespace {

constexpr float kFar = 1e3f;
constexpr int kMostSteps = 80;
constexpr int kMostShadowSteps = 20;

/// Where rays are within a sphere: empty if `to` is less than `from`.
struct Stretch {
  Lanes from = spread(kFar);
  Lanes to = spread(-kFar);
};

Stretch within(const Rays& rays, const Vec3& centre, float radius) {
  const VecLanes away = spread(centre) - rays.origin;
  const Lanes middle = dot(away, rays.direction);
  const Lanes rest = radius * radius - (dot(away, away) - middle * middle);
  const Lanes half = square_root(greatest(rest, 0));
  const Mask meets = rest > 0.0f;
  return {meets ? middle - half : spread(kFar), meets ? middle + half : spread(-kFar)};
}

bool reached(const Stretch& stretch, Lanes nearest) {
  return any((stretch.to > 0.0f) & (stretch.from < nearest));
}

Rays to_object(const Object& object, const Rays& rays) {
  return {object.inverse * (rays.origin - spread(object.position)),
          object.inverse * rays.direction};
}

/// The parts that rays (in the object's axes) may meet before `nearest`, within `margin`.
Stretch gather(const Object& object, const Rays& rays, Lanes nearest, float margin,
               PartList& list) {
  Stretch all;
  for (const Part& part : object.model.parts()) {
    if (part.join == Join::kCut) {
      list.add(part);
      continue;
    }
    const Stretch own = within(rays, part.centre, part.reach + part.blend + margin);
    if (!reached(own, nearest)) continue;
    list.add(part);
    all.from = least(all.from, own.from);
    all.to = greatest(all.to, own.to);
  }
  return all;
}

VecLanes at(const Rays& rays, Lanes distance) { return rays.origin + rays.direction * distance; }

/// The normal of the distance's field, by four points around each.
VecLanes normal_of(const PartList& list, const VecLanes& points) {
  const float h = 0.0004f;
  VecLanes sum;
  for (const Vec3& corner : {Vec3{1, -1, -1}, Vec3{-1, -1, 1}, Vec3{-1, 1, -1}, Vec3{1, 1, 1}}) {
    const VecLanes offset = spread(corner);
    sum = sum + offset * distance(list, points + offset * spread(h));
  }
  return unit(sum);
}

VecLanes chosen(Mask mask, const VecLanes& a, const VecLanes& b) {
  return {mask ? a.x : b.x, mask ? a.y : b.y, mask ? a.z : b.z};
}

void meet_object(const Object& object, int32_t number, const Rays& world, Surfaces& found) {
  if (!reached(within(world, object.middle, object.reach), found.distance)) return;
  const Rays rays = to_object(object, world);
  PartList list;
  const Stretch stretch = gather(object, rays, found.distance, 0, list);
  if (!list.solid) return;
  Lanes t = greatest(stretch.from, 0.001f);
  Mask open = (t < stretch.to) & (t < found.distance);
  Mask hit = {};
  for (int step = 0; step < kMostSteps && any(open); ++step) {
    const Lanes gap = distance(list, at(rays, t));
    const Mask close = gap < 0.0003f + 0.0004f * t;
    hit |= open & close;
    open &= ~close;
    t = open ? t + gap : t;
    open &= (t < stretch.to) & (t < found.distance);
  }
  if (!any(hit)) return;
  const VecLanes points = at(rays, t);
  found.distance = hit ? t : found.distance;
  found.normal = chosen(hit, object.turn * normal_of(list, points), found.normal);
  found.material = hit ? nearest_material(list, points) : found.material;
  found.object = hit ? Mask{} + number : found.object;
}

Surfaces meet_room(const Room& room, const Rays& rays) {
  Surfaces found;
  found.distance = spread(kFar);
  found.object = Mask{} + kRoom;
  found.material = Mask{};
  const auto plane = [&](Lanes origin, Lanes direction, float low, float high, const Vec3& axis,
                         int32_t up, int32_t down) {
    const Mask rises = direction > 0.0f;
    const Lanes towards = rises ? spread(high) : spread(low);
    const Lanes t = (towards - origin) / (magnitude(direction) < 1e-7f ? spread(1e-7f) : direction);
    const Mask nearer = (t < found.distance) & (t > 0.0f);
    const Lanes sign = rises ? spread(-1) : spread(1);
    found.distance = nearer ? t : found.distance;
    found.normal = chosen(nearer, spread(axis) * sign, found.normal);
    found.material = nearer ? (rises ? Mask{} + up : Mask{} + down) : found.material;
  };
  const Bounds& b = room.bounds;
  plane(rays.origin.x, rays.direction.x, b.low.x, b.high.x, {1, 0, 0}, 2, 2);
  plane(rays.origin.y, rays.direction.y, b.low.y, b.high.y, {0, 1, 0}, 1, 0);
  plane(rays.origin.z, rays.direction.z, b.low.z, b.high.z, {0, 0, 1}, 3, 3);
  return found;
}

Lanes through_object(const Object& object, const Rays& world, Lanes distance_to_light,
                     float width) {
  const float margin = width * 0.15f;
  Lanes result = spread(1);
  if (!reached(within(world, object.middle, object.reach + margin), distance_to_light))
    return result;
  const Rays rays = to_object(object, world);
  PartList list;
  const Stretch stretch = gather(object, rays, distance_to_light, margin, list);
  if (!list.solid) return result;
  Lanes t = greatest(stretch.from, 0.01f);
  Mask open = (t < stretch.to) & (t < distance_to_light);
  const Lanes sharp = distance_to_light / width;
  for (int step = 0; step < kMostShadowSteps && any(open); ++step) {
    const Lanes gap = distance(list, at(rays, t));
    result = open ? least(result, sharp * gap / t) : result;
    open &= result > 0.02f;
    t = open ? t + greatest(gap, 0.008f) : t;
    open &= (t < stretch.to) & (t < distance_to_light);
  }
  return clamped(result, 0, 1);
}

Lanes room_distance(const Room& room, const VecLanes& p) {
  const Bounds& b = room.bounds;
  const Lanes x = least(p.x - b.low.x, b.high.x - p.x);
  const Lanes y = least(p.y - b.low.y, b.high.y - p.y);
  const Lanes z = least(p.z - b.low.z, b.high.z - p.z);
  return least(x, least(y, z));
}

/// To the nearest surface, or `most` where that is further.
Lanes scene_distance(const Scene& scene, const VecLanes& points, Lanes most) {
  Lanes result = least(most, room_distance(scene.room, points));
  for (const Object& object : scene.objects) {
    const Lanes away = length(points - spread(object.middle)) - object.reach;
    if (!any(away < result)) continue;
    const VecLanes own = object.inverse * (points - spread(object.position));
    PartList list;
    for (const Part& part : object.model.parts()) {
      if (part.join == Join::kCut ||
          any(length(own - spread(part.centre)) - part.reach - part.blend < result))
        list.add(part);
    }
    if (list.solid) result = least(result, distance(list, own));
  }
  return result;
}

}  // namespace

Surfaces trace(const Scene& scene, const Rays& rays, bool only_first) {
  Surfaces found = meet_room(scene.room, rays);
  const size_t count = only_first ? 1 : scene.objects.size();
  for (size_t i = 0; i < count; ++i)
    meet_object(scene.objects[i], static_cast<int32_t>(i), rays, found);
  return found;
}

Lanes light_through(const Scene& scene, const VecLanes& points, const VecLanes& to_light,
                    Lanes distance, float width) {
  const Rays rays{points, to_light};
  Lanes result = spread(1);
  for (const Object& object : scene.objects) {
    result = least(result, through_object(object, rays, distance, width));
    if (!any(result > 0.02f)) break;
  }
  return result * result * (3.0f - 2.0f * result);
}

Lanes openness(const Scene& scene, const VecLanes& points, const VecLanes& normals, Lanes scale) {
  Lanes closed = spread(0);
  float weight = 0.65f;
  for (const float part : {0.15f, 0.45f, 1.0f}) {
    const Lanes height = scale * part;
    const Lanes gap = scene_distance(scene, points + normals * height, height);
    closed += weight * (height - greatest(gap, 0)) / height;
    weight *= 0.6f;
  }
  return clamped(1.0f - closed * 0.75f, 0.08f, 1);
}

}  // namespace nitro::synth
