#pragma once

#include <span>
#include <string_view>

#include "synth/model.h"

namespace nitro::synth {

enum class Place : uint8_t { kFloor, kSurface, kWall };

/// One kind of thing that samples are labelled with.
struct ClassRow {
  std::string_view name;
  Model (*make)(Draw& draw);  // with random proportions, parts and materials
  Place place;
  float most_turn;        // degrees that its front may look away from the camera
  float lowest, highest;  // degrees that the camera may look down on it
};

/// Every class, sorted by name; its place in the list is its number.
std::span<const ClassRow> classes();

// One per thing; classes.cc lists them.
Model make_bathtub(Draw& draw);
Model make_bed(Draw& draw);
Model make_bin(Draw& draw);
Model make_bookshelf(Draw& draw);
Model make_bottle(Draw& draw);
Model make_chair(Draw& draw);
Model make_clock(Draw& draw);
Model make_door(Draw& draw);
Model make_keyboard(Draw& draw);
Model make_lamp(Draw& draw);
Model make_laptop(Draw& draw);
Model make_monitor(Draw& draw);
Model make_mug(Draw& draw);
Model make_plant(Draw& draw);
Model make_sofa(Draw& draw);
Model make_stool(Draw& draw);
Model make_table(Draw& draw);
Model make_toilet(Draw& draw);
Model make_vase(Draw& draw);
Model make_window(Draw& draw);

}  // namespace nitro::synth
