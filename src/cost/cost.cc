#include "cost/cost.h"

namespace nitro::cost {

Cost& Cost::operator+=(const Cost& other) {
  flops += other.flops;
  bytes_read += other.bytes_read;
  bytes_written += other.bytes_written;
  return *this;
}

Cost streaming(double flops, const Shapes& shapes) {
  Cost result{flops, 0, 0};
  for (size_t i = 0; i < shapes.in.count(); ++i) {
    if (shapes.in.has(i)) result.bytes_read += static_cast<double>(shapes.in[i].bytes());
  }
  if (!shapes.out.empty()) result.bytes_written = static_cast<double>(shapes.out[0].bytes());
  return result;
}

template <>
Cost cost(const Opaque&, const Shapes& shapes) {
  return streaming(0, shapes);
}

Cost cost_of(const Graph& graph, const Node& node) {
  std::vector<const TensorType*> operands;
  for (ValueId input : node.inputs)
    operands.push_back(input == kNoValue ? nullptr : &graph.type(input));
  Types results;
  for (ValueId output : node.outputs) results.push_back(graph.type(output));
  const Operands in("", operands);
  return std::visit([&](const auto& op) { return cost(op, Shapes{in, results}); }, node.op);
}

}  // namespace nitro::cost
