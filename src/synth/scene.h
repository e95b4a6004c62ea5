#pragma once

#include <array>
#include <vector>

#include "synth/model.h"

namespace nitro::synth {

/// A model at its place in the world.
struct Object {
  Model model;
  Vec3 position;
  Turn turn;     // from the model's axes to the world's
  Turn inverse;  // and back
  Vec3 middle;   // of a sphere that holds it, in the world
  float reach;   // its radius

  /// `yaw` in degrees about y.
  Object(Model what, const Vec3& where, float yaw);
};

struct Light {
  Vec3 position;
  Vec3 colour;     // what it gives to a surface that faces it at a distance of one metre
  float infrared;  // the same at the illuminator's wavelength
  float width;     // metres; how soft its shadows are
};

/// Empty inside; seen from inside.
struct Room {
  Bounds bounds;
  Material floor, ceiling, walls, skirting;
  float skirting_height = 0;
};

struct Camera {
  Vec3 position;
  Vec3 right, up, forward;
  float slope = 0.5f;  // tangent of half the angle of view
};

struct Scene {
  std::vector<Object> objects;  // the first is what the sample is labelled with
  Room room;
  std::vector<Light> lights;
  Vec3 ambient;  // light from everywhere
  float ambient_infrared = 0;
  float illuminator = 1;  // beside the camera, as a light's `infrared`
  Camera camera;
};

/// A scene around a thing of class `index`, drawn anew until enough of it is seen.
Scene compose(int index, Draw& draw);

}  // namespace nitro::synth
