#pragma once

#include <array>
#include <span>

#include "synth/model.h"

namespace nitro::synth {

constexpr int kMostParts = 64;

/// Parts of a model that matter to some rays or points, in the model's order.
struct PartList {
  std::array<const Part*, kMostParts> parts;
  int count = 0;
  bool solid = false;  // something is added, not only cut

  void add(const Part& part);
  std::span<const Part* const> all() const { return {parts.data(), static_cast<size_t>(count)}; }
};

/// Signed distance from `points` (in the model's axes) to the union and cuts of `list`, never more
/// than the true one by much: by Inigo Quilez' functions.
Lanes distance(const PartList& list, const VecLanes& points);

/// The material of the surface that is nearest to each point.
Mask nearest_material(const PartList& list, const VecLanes& points);

}  // namespace nitro::synth
