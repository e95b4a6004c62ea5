#pragma once

#include <utility>
#include <vector>

#include "synth/classes.h"
#include "synth/scene.h"

namespace nitro::synth {

/// A circle on the floor plan that something takes.
struct Claim {
  float x, z, radius;
};

/// A scene in the making, for compose(). The labelled thing stands around x = z = 0.
class Composer {
 public:
  Composer(int index, Draw& draw)
      : row_(classes()[static_cast<size_t>(index)]), index_(index), draw_(draw) {}

  Scene make();

 private:
  void place_main();
  void place_camera();
  void build_room();
  void light();
  void furnish();
  void clutter();
  void occlude();
  bool free(float x, float z, float radius) const;
  bool nearer_than_main(float x, float z) const;
  void put(Model model, const Vec3& where, float yaw) {
    scene_.objects.emplace_back(std::move(model), where, yaw);
  }
  void put_beside();
  void put_on_wall(Model model, float height);

  const ClassRow& row_;
  int index_;
  Draw& draw_;
  Scene scene_;
  std::vector<Claim> claims_;
  float base_ = 0;       // height of what the labelled thing stands on
  float support_x_ = 0;  // half its size, 0 for the floor
  float support_z_ = 0;
  float size_ = 1;  // of the labelled thing: half its largest horizontal extent
  bool at_wall_ = false;
  float wall_ = 0;     // distance of the wall behind
  float azimuth_ = 0;  // of the camera
};

}  // namespace nitro::synth
