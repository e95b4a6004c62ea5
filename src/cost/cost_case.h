#pragma once

#include "cost/cost.h"
#include "ir/infer_case.h"

namespace nitro::cost {

/// Cost of `op` on operands that are all present, for tests. `op` must accept them.
inline Cost cost_case(const Op& op, const std::vector<TensorType>& operands) {
  std::vector<const TensorType*> pointers;
  for (const TensorType& type : operands) pointers.push_back(&type);
  const Types results = infer_case(op, operands).value();
  const Operands in("", pointers);
  return std::visit([&](const auto& known) { return cost(known, Shapes{in, results}); }, op);
}

}  // namespace nitro::cost
