#include "synth/classes.h"

#include <array>

namespace nitro::synth {
namespace {

constexpr std::array kClasses = {
    ClassRow{"bathtub", make_bathtub, Place::kFloor, 80, 14, 45},
    ClassRow{"bed", make_bed, Place::kFloor, 75, 8, 35},
    ClassRow{"bin", make_bin, Place::kFloor, 60, 5, 40},
    ClassRow{"bookshelf", make_bookshelf, Place::kFloor, 50, -5, 15},
    ClassRow{"bottle", make_bottle, Place::kSurface, 180, -2, 30},
    ClassRow{"chair", make_chair, Place::kFloor, 180, 0, 35},
    ClassRow{"clock", make_clock, Place::kWall, 40, -20, 15},
    ClassRow{"door", make_door, Place::kWall, 45, -5, 10},
    ClassRow{"keyboard", make_keyboard, Place::kSurface, 55, 25, 70},
    ClassRow{"lamp", make_lamp, Place::kSurface, 180, -5, 25},
    ClassRow{"laptop", make_laptop, Place::kSurface, 55, 8, 40},
    ClassRow{"monitor", make_monitor, Place::kSurface, 50, -5, 25},
    ClassRow{"mug", make_mug, Place::kSurface, 100, 8, 45},
    ClassRow{"plant", make_plant, Place::kSurface, 180, 0, 35},
    ClassRow{"sofa", make_sofa, Place::kFloor, 55, 5, 30},
    ClassRow{"stool", make_stool, Place::kFloor, 180, 5, 40},
    ClassRow{"table", make_table, Place::kFloor, 90, 5, 35},
    ClassRow{"toilet", make_toilet, Place::kFloor, 70, 10, 45},
    ClassRow{"vase", make_vase, Place::kSurface, 180, 0, 35},
    ClassRow{"window", make_window, Place::kWall, 45, -10, 10},
};

}  // namespace

std::span<const ClassRow> classes() { return kClasses; }

}  // namespace nitro::synth
