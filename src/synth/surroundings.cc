#include "synth/angle.h"
#include "synth/clutter.h"
#include "synth/composer.h"

namespace nitro::synth {

void Composer::build_room() {
  Room& room = scene_.room;
  const Vec3& eye = scene_.camera.position;
  const float around = greatest(size_, support_x_ * 2) + 0.1f;
  room.bounds.low = {least(-around - draw_.between(0.0f, 3.0f), eye.x - 0.3f), 0, -wall_};
  room.bounds.high = {greatest(around + draw_.between(0.0f, 3.0f), eye.x + 0.3f),
                      greatest(draw_.between(2.3f, 3.2f), eye.y + 0.2f),
                      greatest(around + draw_.between(0.2f, 3.0f), eye.z + 0.3f)};
  // A camera behind the thing sees it before the other wall.
  room.bounds.low.z = least(room.bounds.low.z, eye.z - 0.3f);
  wall_ = -room.bounds.low.z;
  const int ground = draw_.below(4);
  room.floor = ground == 0 ? wood(draw_) : ground == 1 ? carpet(draw_) : stone(draw_);
  if (ground == 0 || ground == 2) {
    room.floor.pattern = ground == 0 ? Pattern::kPlanks : Pattern::kTiles;
    room.floor.period = ground == 0 ? draw_.between(0.07f, 0.2f) : draw_.between(0.15f, 0.6f);
    room.floor.grain = about_y(draw_.pick({0.0f, 90.0f, 45.0f}));
    room.floor.shift = {0, 0.3f, 0};
  }
  room.ceiling = plaster(draw_);
  const int finish = draw_.below(6);
  room.walls = finish < 3    ? plaster(draw_)
               : finish == 3 ? paper(draw_)
               : finish == 4 ? stone(draw_)
                             : wood(draw_);
  if (finish == 3) room.walls.period *= draw_.between(1, 5);
  if (finish == 5) room.walls.period *= 2;
  room.walls.shift = room.walls.shift + Vec3{0.013f, 0.017f, 0.011f};
  room.skirting = draw_.chance(0.5f) ? wood(draw_) : plastic(draw_);
  room.skirting_height = draw_.chance(0.7f) ? draw_.between(0.05f, 0.14f) : 0;
}

void Composer::light() {
  const Bounds& room = scene_.room.bounds;
  const Vec3 main = scene_.objects.front().middle;
  const int count = 1 + draw_.below(3);
  for (int i = 0; i < count; ++i) {
    const bool sun = draw_.chance(0.25f);
    Light light;
    const float x = draw_.between(-2.5f, 2.5f), z = draw_.between(-1.0f, 3.0f);
    light.position = {clamped(x, room.low.x + 0.7f, room.high.x - 0.7f),
                      room.high.y - draw_.between(0.05f, 0.5f),
                      clamped(z, room.low.z + 0.7f, room.high.z - 0.4f)};
    if (sun)
      light.position = {draw_.sign() * draw_.between(6, 14), draw_.between(5, 12),
                        draw_.between(2, 14)};
    const float warm = draw_.between(-0.25f, 0.45f);
    const float distance = length(light.position - main);
    const float strength = distance * distance * draw_.between(0.25f, 1.3f);
    light.colour = Vec3{1 + warm * 0.5f, 1, 1 - warm} * strength;
    light.infrared = strength * draw_.pick({0.02f, 0.05f, 0.3f}) * (sun ? 2.0f : 1.0f);
    light.width = sun ? distance * draw_.between(0.02f, 0.06f) : draw_.between(0.1f, 0.6f);
    scene_.lights.push_back(light);
  }
  const float tint = draw_.between(-0.15f, 0.15f);
  scene_.ambient = Vec3{1 + tint, 1, 1 - tint} * draw_.between(0.12f, 0.5f);
  scene_.ambient_infrared =
      draw_.chance(0.5f) ? draw_.between(0.0f, 0.1f) : draw_.between(0.1f, 0.6f);
}

/// Whether a circle neither touches what is there nor stands between the camera and the thing.
bool Composer::free(float x, float z, float radius) const {
  const Bounds& room = scene_.room.bounds;
  if (x - radius < room.low.x || x + radius > room.high.x || z - radius < room.low.z ||
      z + radius > room.high.z)
    return false;
  for (const Claim& claim : claims_)
    if (length(claim.x - x, claim.z - z) < claim.radius + radius) return false;
  const Vec3& eye = scene_.camera.position;
  const float squared = eye.x * eye.x + eye.z * eye.z;
  const float along = clamped((x * eye.x + z * eye.z) / squared, 0, 1);
  return length(x - eye.x * along, z - eye.z * along) > radius + 0.6f * size_ * (1 - along) + 0.03f;
}

/// Whether something there would take a larger part of the picture than its size deserves.
bool Composer::nearer_than_main(float x, float z) const {
  const Vec3& eye = scene_.camera.position;
  return length(x - eye.x, z - eye.z) < length(eye.x, eye.z);
}

void Composer::put_on_wall(Model model, float height) {
  const Bounds& room = scene_.room.bounds;
  const Vec3 half = bounds_of(model).half();
  const int side = draw_.below(4);
  const float along = draw_.between(-1, 1);
  const Vec3 middle = room.centre(), wide = room.half();
  const float base = clamped(height, half.y, greatest(half.y, room.high.y - half.y));
  if (side < 2) {
    const float x = draw_.between(-1, 1) * least(wide.x - half.x, 1.8f);
    // Not over a labelled thing that hangs there.
    const bool taken = row_.place == Place::kWall && magnitude(x) < half.x + size_ + 0.05f;
    if (wide.x > half.x && !taken) put(std::move(model), {x, base, room.low.z}, 0);
  } else if (wide.z > half.x) {
    const float z = middle.z + along * (wide.z - half.x);
    put(std::move(model), {side == 2 ? room.low.x : room.high.x, base, z},
        side == 2 ? 90.0f : -90.0f);
  }
}

void Composer::furnish() {
  if (draw_.chance(0.4f)) {
    const float half_x = draw_.between(0.5f, 1.4f), half_z = draw_.between(0.4f, 1.0f);
    const float x = draw_.between(-0.5f, 0.5f), z = draw_.between(0.0f, 1.0f);
    Model rug = make_rug(draw_, half_x, half_z);
    put(std::move(rug), {x, 0, z}, draw_.between(-20, 20));
  }
  for (int i = draw_.below(4); i > 0; --i) {
    Model picture = make_picture(draw_);
    put_on_wall(std::move(picture), draw_.between(1.0f, 1.8f));
  }
}

/// One more thing on the same ground: of no class, or of another one further away.
void Composer::put_beside() {
  const bool on_support = support_x_ > 0;
  const bool foreign = draw_.chance(0.22f);
  Model model;
  if (foreign) {
    const int other = draw_.below(static_cast<int>(classes().size()));
    const ClassRow& row = classes()[static_cast<size_t>(other)];
    model = row.make(draw_);
    if (other == index_ || row.place == Place::kWall) return;
  } else {
    const float scale = clamped(size_, 0.06f, 0.5f);
    model = make_distractor(draw_, scale * draw_.between(0.5f, 1.7f));
  }
  const Vec3 half = bounds_of(model).half();
  const float radius = greatest(half.x, half.z) * 1.1f;
  const Vec3 stand = on_support ? scene_.objects[1].position : Vec3{};
  const bool on_top =
      on_support && radius < least(support_x_, support_z_) * 0.7f && draw_.chance(0.85f);
  for (int attempt = 0; attempt < 8; ++attempt) {
    float x = 0, z = 0;
    if (on_top) {
      x = stand.x + draw_.between(-1, 1) * (support_x_ - radius);
      z = stand.z + draw_.between(-1, 1) * (support_z_ - radius);
    } else {
      const float angle = draw_.between(0, 360);
      const float away = size_ + radius + draw_.between(0.02f, foreign ? 2.5f : 1.2f);
      x = away * sine(angle);
      z = away * cosine(angle);
      const bool inside = on_support && magnitude(x - stand.x) < support_x_ + radius &&
                          magnitude(z - stand.z) < support_z_ + radius;
      if (inside) continue;
    }
    if (!free(x, z, radius) || (foreign && nearer_than_main(x, z))) continue;
    put(std::move(model), {x, on_top ? base_ : 0, z}, draw_.between(-180, 180));
    claims_.push_back({x, z, radius});
    return;
  }
}

void Composer::clutter() {
  for (int i = 2 + draw_.below(6); i > 0; --i) put_beside();
}

/// Something near the camera that hides an edge of the thing.
void Composer::occlude() {
  const Camera& camera = scene_.camera;
  const Object& main = scene_.objects.front();
  const float part = draw_.between(0.35f, 0.7f), side = draw_.sign();
  const float extent = length(bounds_of(main.model).half()) * (1 - part);
  const float size = extent * draw_.between(0.5f, 1.2f);
  Model model = make_distractor(draw_, 2 * size);
  const float reach = greatest(bounds_of(model).half().x, bounds_of(model).half().z);
  const Vec3 middle = mixed(main.middle, camera.position, part);
  const float shift = side * (reach + extent * draw_.between(0.1f, 0.6f));
  const Vec3 where = middle + camera.right * shift;
  // It stands on the support or the floor; what would be too low to be seen is put on a box.
  const float ground = support_x_ > 0 ? base_ : 0;
  const float top = bounds_of(model).high.y;
  const float lift = greatest(0, where.y - extent * draw_.between(0, 0.6f) - top - ground);
  if (lift > 0.02f) {
    Model box;
    box.box(box.material(hard(draw_)), {0, lift / 2, 0}, {reach, lift / 2, reach});
    put(std::move(box), {where.x, ground, where.z}, draw_.between(-30, 30));
  }
  put(std::move(model), {where.x, ground + lift, where.z}, draw_.between(-180, 180));
}

}  // namespace nitro::synth
