#include "synth/render.h"

#include "synth/trace.h"

namespace nitro::synth {
namespace {

/// Rays through a block of two by two pixels.
Rays rays_through(const Camera& camera, int size, int x, int y) {
  const float pixel = 2 * camera.slope / static_cast<float>(size);
  const float left = (static_cast<float>(x) + 0.5f) * pixel - camera.slope;
  const float top = camera.slope - (static_cast<float>(y) + 0.5f) * pixel;
  const Lanes right = Lanes{left, left + pixel, left, left + pixel};
  const Lanes up = Lanes{top, top, top - pixel, top - pixel};
  const VecLanes direction =
      spread(camera.right) * right + spread(camera.up) * up + spread(camera.forward);
  return {spread(camera.position), unit(direction)};
}

/// Materials of four points, with their patterns resolved.
struct Looks {
  VecLanes colour, glow;
  Lanes infrared, glow_infrared, gloss, clear;
  Mask sharpness;
};

const Material& room_material(const Room& room, int32_t number, float height) {
  if (number == 0) return room.floor;
  if (number == 1) return room.ceiling;
  return height < room.skirting_height ? room.skirting : room.walls;
}

Looks looks_of(const Scene& scene, const Surfaces& surfaces, const VecLanes& points, float pixel) {
  Looks looks;
  for (int i = 0; i < kLanes; ++i) {
    const Vec3 world = lane(points, i);
    const bool room = surfaces.object[i] == kRoom;
    const Object* object = room ? nullptr : &scene.objects[static_cast<size_t>(surfaces.object[i])];
    const Material& material =
        room ? room_material(scene.room, surfaces.material[i], world.y)
             : object->model.materials()[static_cast<size_t>(surfaces.material[i])];
    const Vec3 own = room ? world : object->inverse * (world - object->position);
    const float second = pattern_at(material, own, pixel * surfaces.distance[i]);
    const Vec3 colour = mixed(material.colour, material.second, second);
    looks.colour.x[i] = colour.x;
    looks.colour.y[i] = colour.y;
    looks.colour.z[i] = colour.z;
    const Vec3 glow =
        material.glow * (material.pattern == Pattern::kPlain ? 1 : 0.3f + 0.7f * second);
    looks.glow.x[i] = glow.x;
    looks.glow.y[i] = glow.y;
    looks.glow.z[i] = glow.z;
    looks.infrared[i] = mixed(material.infrared, material.infrared_second, second);
    looks.glow_infrared[i] = material.glow_infrared;
    looks.gloss[i] = material.gloss;
    looks.clear[i] = material.clear;
    looks.sharpness[i] = material.sharpness;
  }
  return looks;
}

/// `base` to the power 2^sharpness of each lane, scaled to keep its energy.
Lanes highlight(Lanes base, Mask sharpness) {
  Lanes result = spread(1), power = base, scale = spread(0.5f);
  for (int step = 0; step <= 8; ++step) {
    result = sharpness == step ? power * scale : result;
    power *= power;
    scale = scale * 1.6f;
  }
  return result;
}

struct Lit {
  VecLanes colour;
  Lanes infrared;
};

Lit lit(const Scene& scene, const VecLanes& points, const VecLanes& normals, const VecLanes& to_eye,
        const Looks& looks, Lanes open) {
  const Lanes sky = (0.7f + 0.3f * normals.y) * open;
  Lit sum{looks.colour * spread(scene.ambient) * sky,
          looks.infrared * sky * scene.ambient_infrared};
  const VecLanes lifted = points + normals * spread(0.004f);
  for (const Light& light : scene.lights) {
    const VecLanes away = spread(light.position) - lifted;
    const Lanes distance = length(away);
    const VecLanes to_light = away * (1.0f / distance);
    const Lanes facing = greatest(dot(normals, to_light), 0);
    if (!any(facing > 0.0f)) continue;
    const Lanes strength =
        light_through(scene, lifted, to_light, distance, light.width) / (distance * distance);
    const Lanes shine =
        looks.gloss * 0.12f *
        highlight(greatest(dot(normals, unit(to_light + to_eye)), 0), looks.sharpness);
    const Lanes diffuse = facing * strength;
    const Lanes mirrored = shine * diffuse;
    sum.colour = sum.colour + (looks.colour * diffuse + VecLanes{mirrored, mirrored, mirrored}) *
                                  spread(light.colour);
    sum.infrared += (looks.infrared * diffuse + mirrored) * light.infrared;
  }
  return sum;
}

void shade_block(const Scene& scene, int x, int y, Rendered& out) {
  const Camera& camera = scene.camera;
  const Rays rays = rays_through(camera, out.size, x, y);
  const Surfaces found = trace(scene, rays);
  const VecLanes points = rays.origin + rays.direction * found.distance;
  const VecLanes to_eye = rays.direction * spread(-1);
  const Looks looks =
      looks_of(scene, found, points, 2 * camera.slope / static_cast<float>(out.size));
  const Lanes open = openness(scene, points, found.normal, 0.03f + 0.12f * found.distance);
  const Lit light = lit(scene, points, found.normal, to_eye, looks, open);
  const Lanes facing = clamped(dot(found.normal, to_eye), 0, 1);
  // The illuminator is beside the lens: light and view have the same direction.
  const Lanes glint = looks.gloss * 0.12f * highlight(facing, looks.sharpness);
  const Lanes active = (looks.infrared * facing + glint) * (0.5f + 0.5f * open) *
                       scene.illuminator / (found.distance * found.distance);
  const Lanes axis = dot(rays.direction, spread(camera.forward));
  for (int i = 0; i < kLanes; ++i) {
    const int px = x + i % 2, py = y + i / 2;
    if (px >= out.size || py >= out.size) continue;
    const auto at = static_cast<size_t>(py * out.size + px);
    out.colour[at] = lane(light.colour, i) + lane(looks.glow, i);
    out.infrared[at] = active[i] + light.infrared[i] + looks.glow_infrared[i];
    out.depth[at] = found.distance[i] * axis[i];
    out.facing[at] = facing[i];
    out.returned[at] = looks.infrared[i];
    out.mirrored[at] = least(1.0f, looks.clear[i] + looks.gloss[i] * 0.35f);
  }
}

}  // namespace

Rendered render(const Scene& scene, int size) {
  Rendered out;
  out.size = size;
  const auto pixels = static_cast<size_t>(size) * static_cast<size_t>(size);
  out.colour.resize(pixels);
  for (auto* values : {&out.infrared, &out.depth, &out.facing, &out.returned, &out.mirrored})
    values->resize(pixels);
  for (int y = 0; y < size; y += 2)
    for (int x = 0; x < size; x += 2) shade_block(scene, x, y, out);
  return out;
}

Seen see_first(const Scene& scene, int size) {
  int alone = 0, visible = 0;
  for (int y = 0; y < size; y += 2) {
    for (int x = 0; x < size; x += 2) {
      const Rays rays = rays_through(scene.camera, size, x, y);
      const Mask first = trace(scene, rays, true).object, all = trace(scene, rays).object;
      for (int i = 0; i < kLanes; ++i) {
        alone += first[i] == 0;
        visible += all[i] == 0;
      }
    }
  }
  const auto count = [](int pixels) { return static_cast<float>(pixels); };
  return {count(visible) / count(size * size), alone == 0 ? 0 : count(visible) / count(alone)};
}

}  // namespace nitro::synth
