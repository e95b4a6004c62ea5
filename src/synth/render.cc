#include "synth/render.h"

#include "synth/trace.h"

namespace nitro::synth {
namespace {

/// Rays through four places `step` pixels apart: a block of two by two pixels, or parts of one.
Rays rays_through(const Camera& camera, int size, int x, int y, float step) {
  const float pixel = 2 * camera.slope / static_cast<float>(size);
  const float left = (static_cast<float>(x) + 0.5f * step) * pixel - camera.slope;
  const float top = camera.slope - (static_cast<float>(y) + 0.5f * step) * pixel;
  const float apart = step * pixel;
  const Lanes right = Lanes{left, left + apart, left, left + apart};
  const Lanes up = Lanes{top, top, top - apart, top - apart};
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

/// What comes back along four rays.
struct Shaded {
  VecLanes colour;
  Lanes infrared, depth, facing, returned, mirrored;
};

Shaded shade(const Scene& scene, const Rays& rays, float pixel) {
  const Surfaces found = trace(scene, rays);
  const VecLanes points = rays.origin + rays.direction * found.distance;
  const VecLanes to_eye = rays.direction * spread(-1);
  const Looks looks = looks_of(scene, found, points, pixel);
  const Lanes open = openness(scene, points, found.normal, 0.03f + 0.12f * found.distance);
  const Lit light = lit(scene, points, found.normal, to_eye, looks, open);
  const Lanes facing = clamped(dot(found.normal, to_eye), 0, 1);
  // The illuminator is beside the lens: light and view have the same direction.
  const Lanes glint = looks.gloss * 0.12f * highlight(facing, looks.sharpness);
  const Lanes active = (looks.infrared * facing + glint) * (0.5f + 0.5f * open) *
                       scene.illuminator / (found.distance * found.distance);
  return {.colour = light.colour + looks.glow,
          .infrared = active + light.infrared + looks.glow_infrared,
          .depth = found.distance * dot(rays.direction, spread(scene.camera.forward)),
          .facing = facing,
          .returned = looks.infrared,
          .mirrored = least(looks.clear + looks.gloss * 0.35f, 1)};
}

float pixel_of(const Scene& scene, int size) {
  return 2 * scene.camera.slope / static_cast<float>(size);
}

void render_block(const Scene& scene, int x, int y, Rendered& out) {
  const Shaded shaded =
      shade(scene, rays_through(scene.camera, out.size, x, y, 1), pixel_of(scene, out.size));
  for (int i = 0; i < kLanes; ++i) {
    const int px = x + i % 2, py = y + i / 2;
    if (px >= out.size || py >= out.size) continue;
    const auto at = static_cast<size_t>(py * out.size + px);
    out.colour[at] = lane(shaded.colour, i);
    out.infrared[at] = shaded.infrared[i];
    out.depth[at] = shaded.depth[i];
    out.facing[at] = shaded.facing[i];
    out.returned[at] = shaded.returned[i];
    out.mirrored[at] = shaded.mirrored[i];
  }
}

float brightness(const Vec3& colour) { return colour.x + colour.y + colour.z; }

bool differs(float a, float b) { return magnitude(a - b) > 0.12f * (a + b); }

/// Whether a pixel is at an edge, of a thing, a shadow or a pattern.
bool at_edge(const Rendered& r, int x, int y) {
  const auto at = static_cast<size_t>(y * r.size + x);
  for (const auto& [dx, dy] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
    const int px = x + dx, py = y + dy;
    if (px < 0 || py < 0 || px >= r.size || py >= r.size) continue;
    const auto other = static_cast<size_t>(py * r.size + px);
    if (differs(brightness(r.colour[at]), brightness(r.colour[other])) ||
        differs(r.infrared[at], r.infrared[other]))
      return true;
  }
  return false;
}

/// Gives pixels at edges the mean of four rays. Depth sensors have no such mean.
void smooth_edges(const Scene& scene, Rendered& out) {
  const Rendered before = out;
  for (int y = 0; y < out.size; ++y) {
    for (int x = 0; x < out.size; ++x) {
      if (!at_edge(before, x, y)) continue;
      const Shaded shaded = shade(scene, rays_through(scene.camera, out.size, x, y, 0.5f),
                                  pixel_of(scene, out.size) * 0.5f);
      const auto mean = [](Lanes a) { return (a[0] + a[1] + a[2] + a[3]) * 0.25f; };
      const auto at = static_cast<size_t>(y * out.size + x);
      out.colour[at] = {mean(shaded.colour.x), mean(shaded.colour.y), mean(shaded.colour.z)};
      out.infrared[at] = mean(shaded.infrared);
    }
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
    for (int x = 0; x < size; x += 2) render_block(scene, x, y, out);
  smooth_edges(scene, out);
  return out;
}

Seen see_first(const Scene& scene, int size) {
  // Twice as wide, it is seen whole, by a quarter of the pixels.
  Camera wide = scene.camera;
  wide.slope *= 2;
  int whole = 0, visible = 0;
  for (int y = 0; y < size; y += 2) {
    for (int x = 0; x < size; x += 2) {
      const Mask first = trace(scene, rays_through(wide, size, x, y, 1), true).object;
      const Mask all = trace(scene, rays_through(scene.camera, size, x, y, 1)).object;
      for (int i = 0; i < kLanes; ++i) {
        whole += first[i] == 0;
        visible += all[i] == 0;
      }
    }
  }
  const auto count = [](int pixels) { return static_cast<float>(pixels); };
  return {count(visible) / count(size * size),
          whole == 0 ? 0 : count(visible) / (4 * count(whole))};
}

}  // namespace nitro::synth
