#pragma once

#include <vector>

#include "search/limits.h"
#include "search/trial.h"

namespace nitro::search {

struct SensitivityPoint {
  Varied varied;
  Point point;
};

/// The start of a search: nothing that is optional, every parameter at its first value.
Point start_point(const Space& space);

/// The start, and each step alone at a few values of each of its parameters, the others at their
/// first: at all of up to 4 choices, else at 4 of them; at both ends and the middle of a range.
std::vector<SensitivityPoint> sensitivity_points(const Space& space);

/// Of the `trials` of the sensitivity, the fastest of each step that keeps the limits and is faster
/// than the start, or of each module where its parameters have values by module: these together,
/// then without each one of them. Nothing where fewer than two help.
std::vector<Point> joined_points(const Space& space, const std::vector<Trial>& trials,
                                 const Limits& limits);

}  // namespace nitro::search
