#include "synth/scene.h"

#include "synth/angle.h"

namespace nitro::synth {

Object::Object(Model what, const Vec3& where, float yaw)
    : model(std::move(what)), position(where), turn(about_y(yaw)), inverse(about_y(-yaw)) {
  const Vec3 centre = bounds_of(model).centre();
  reach = 0;
  for (const Part& part : model.parts()) {
    if (part.join == Join::kAdd)
      reach =
          greatest(reach, length(part.centre - centre) + least(part.reach, length(part.half())));
  }
  middle = position + turn * centre;
}

}  // namespace nitro::synth
