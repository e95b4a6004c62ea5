#include "synth/angle.h"
#include "synth/clutter.h"
#include "synth/composer.h"
#include "synth/render.h"

namespace nitro::synth {
namespace {

constexpr int kMostTries = 12;
constexpr int kProbe = 40;  // pixels of the picture that visibility is judged by

}  // namespace

Scene Composer::make() {
  place_main();
  place_camera();
  build_room();
  light();
  furnish();
  clutter();
  if (draw_.chance(0.3f)) occlude();
  return std::move(scene_);
}

void Composer::place_main() {
  Model model = row_.make(draw_);
  const Bounds bounds = bounds_of(model);
  const Vec3 half = bounds.half();
  const bool tall = half.y > 0.6f;
  size_ = greatest(half.x, half.z);
  at_wall_ = row_.place == Place::kWall || (row_.place == Place::kFloor && draw_.chance(0.35f));
  const float looks = draw_.between(-1, 1) * row_.most_turn;
  azimuth_ = at_wall_ ? clamped(looks, -70, 70) : draw_.between(-180, 180);
  const float yaw = at_wall_ ? 0 : azimuth_ + looks;
  wall_ = at_wall_ ? -bounds.low.z + draw_.between(0.0f, 0.05f)
                   : size_ * 1.4f + draw_.between(0.1f, 2.2f);
  if (row_.place == Place::kWall) {
    wall_ = 0;
    base_ = -bounds.low.y;  // stands on the floor
    if (half.y < 0.9f) base_ = greatest(base_ + 0.3f, draw_.between(1.1f, 1.9f));
  }
  if (row_.place == Place::kSurface && !tall && draw_.chance(0.65f)) {
    base_ = draw_.between(0.35f, 1.0f);
    support_x_ = greatest(size_ * 1.3f, draw_.between(0.2f, 0.8f));
    support_z_ = greatest(size_ * 1.3f, draw_.between(0.18f, 0.45f));
    const float x = draw_.between(-1, 1) * (support_x_ - size_);
    const float z = draw_.between(-1, 1) * (support_z_ - size_);
    put(std::move(model), {0, base_, 0}, yaw);
    put(make_support(draw_, support_x_, support_z_, base_), {x, 0, z}, 0);
    wall_ = greatest(support_z_ - z + 0.01f, draw_.chance(0.5f) ? 0 : wall_);
  } else {
    put(std::move(model), {0, base_, 0}, yaw);
  }
  claims_.push_back({0, 0, size_});
}

void Composer::place_camera() {
  const Object& main = scene_.objects.front();
  const Vec3 half = bounds_of(main.model).half();
  const float fill = draw_.between(0.3f, 0.95f);
  Camera& camera = scene_.camera;
  camera.slope = tangent(draw_.between(21, 34));
  const float wide = length(half.x, half.z);
  const float extent = greatest(greatest(wide * 0.85f, half.y), 0.6f * length(wide, half.y));
  const float distance = extent / (camera.slope * fill) + 0.6f * wide;
  const float elevation = draw_.between(row_.lowest, row_.highest);
  const float flat = distance * cosine(elevation);
  const float lowest = support_x_ > 0 ? base_ + 0.03f : 0.15f;
  camera.position = {main.middle.x + flat * sine(azimuth_),
                     clamped(main.middle.y + distance * sine(elevation), lowest, 2.6f),
                     main.middle.z + flat * cosine(azimuth_)};
  // Anywhere in the picture, up to where an edge of it is cut off.
  const float slack = extent * (1 / fill - 0.7f);
  const float aside = draw_.between(-1, 1) * slack;
  const float above = draw_.between(-1, 1) * slack;
  camera.forward = unit(main.middle - camera.position);
  camera.right = unit(cross(camera.forward, Vec3{0, 1, 0}));
  const Vec3 target =
      main.middle + camera.right * aside + cross(camera.right, camera.forward) * above;
  camera.forward = unit(target - camera.position);
  camera.right = unit(cross(camera.forward, Vec3{0, 1, 0}));
  camera.up = cross(camera.right, camera.forward);
  const float roll = draw_.between(-10, 10);
  const Vec3 right = camera.right * cosine(roll) + camera.up * sine(roll);
  camera.up = camera.up * cosine(roll) - camera.right * sine(roll);
  camera.right = right;
  scene_.illuminator = distance * distance;
}

Scene compose(int index, Draw& draw) {
  Scene best;
  float best_visible = -1;
  for (int attempt = 0; attempt < kMostTries; ++attempt) {
    Scene scene = Composer(index, draw).make();
    const Seen seen = see_first(scene, kProbe);
    const float score = seen.share < 0.02f ? 0 : seen.visible;
    if (score > best_visible) {
      best = std::move(scene);
      best_visible = score;
    }
    if (best_visible > 0.6f) break;
  }
  return best;
}

}  // namespace nitro::synth
