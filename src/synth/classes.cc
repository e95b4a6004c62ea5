#include "synth/classes.h"

#include <array>

namespace nitro::synth {
namespace {

constexpr std::array kClasses = {
    ClassRow{"bathtub", make_bathtub, Place::kFloor, 90, 8, 45},
    ClassRow{"bed", make_bed, Place::kFloor, 80, 5, 45},
    ClassRow{"bin", make_bin, Place::kFloor, 90, 0, 45},
    ClassRow{"bookshelf", make_bookshelf, Place::kFloor, 55, -5, 35},
    ClassRow{"bottle", make_bottle, Place::kSurface, 180, -5, 45},
    ClassRow{"chair", make_chair, Place::kFloor, 180, -5, 45},
    ClassRow{"clock", make_clock, Place::kWall, 50, -30, 30},
    ClassRow{"door", make_door, Place::kWall, 60, -15, 30},
    ClassRow{"keyboard", make_keyboard, Place::kSurface, 90, 15, 65},
    ClassRow{"lamp", make_lamp, Place::kSurface, 180, -10, 40},
    ClassRow{"laptop", make_laptop, Place::kSurface, 65, 0, 45},
    ClassRow{"monitor", make_monitor, Place::kSurface, 60, -10, 40},
    ClassRow{"mug", make_mug, Place::kSurface, 120, 0, 50},
    ClassRow{"plant", make_plant, Place::kSurface, 180, -5, 45},
    ClassRow{"sofa", make_sofa, Place::kFloor, 65, -5, 40},
    ClassRow{"stool", make_stool, Place::kFloor, 180, -5, 45},
    ClassRow{"table", make_table, Place::kFloor, 180, 0, 45},
    ClassRow{"toilet", make_toilet, Place::kFloor, 80, 0, 45},
    ClassRow{"vase", make_vase, Place::kSurface, 180, -5, 45},
    ClassRow{"window", make_window, Place::kWall, 60, -20, 25},
};

}  // namespace

std::span<const ClassRow> classes() { return kClasses; }

}  // namespace nitro::synth
