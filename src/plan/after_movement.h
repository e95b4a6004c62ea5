#pragma once

#include <vector>

#include "plan/lowering.h"

namespace nitro::plan {

/// A value and what movement makes of all its elements, each value read by nothing but the next
/// movement.
struct Moved {
  ValueId value = kNoValue;
  std::vector<NodeId> nodes = {};  // up to it
  std::vector<int64_t> places =
      {};  // of the elements of the first value in this one; empty: the same
};

/// `value` itself, then after one movement, two, and so on, as long as each only moves all elements
/// to other places.
std::vector<Moved> after_movement(const Lowering& lowering, ValueId value);

}  // namespace nitro::plan
