#pragma once

#include <set>
#include <string>
#include <vector>

#include "passes/lossy/dense.h"

namespace nitro::passes {

/// sum = x + y, where y is made of x and constants alone, by linear layers among others.
struct ResidualBranch {
  std::string name;  // unique: the innermost module with its linear layers
  const Node* sum = nullptr;
  ValueId x = kNoValue;
  ValueId y = kNoValue;
  const Node* norm = nullptr;   // the LayerNorm of x that all of the branch reads; may be nullptr
  ValueId source = kNoValue;    // its result, else x
  std::set<const Node*> nodes;  // that y is made by
  size_t weights = 0;           // elements of its linear layers' matrices
};

/// Those of a graph, in execution order.
std::vector<ResidualBranch> residual_branches(const DenseLayers& layers);

}  // namespace nitro::passes
