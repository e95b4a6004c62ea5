#include <cmath>

#include "plan/element_resize.h"
#include "reference/evaluate.h"

namespace nitro::plan {
namespace {

/// What the reference makes of each unit vector: weights[source * results + result]. NaN marks
/// elements that are extrapolated.
std::vector<double> response(const Resize& op, size_t axis, int64_t length) {
  Resize alone = op;
  alone.scales = {1, op.scales[axis]};
  alone.sizes = {length, op.sizes[axis]};
  if (!op.region.empty()) alone.region = {0, op.region[axis], 1, op.region[axis + op.sizes.size()]};
  alone.extrapolation = std::nan("");
  Tensor units({DType::kF64, {length, length}});
  const auto values = units.mutable_data<double>();
  for (int64_t i = 0; i < length; ++i) values[static_cast<size_t>(i * length + i)] = 1;
  const Tensor* operands[] = {&units};
  return reference::evaluate_op(alone, operands).value()[0].as<double>();
}

}  // namespace

ResizeTable resize_table(const Resize& op, size_t axis, int64_t length) {
  const std::vector<double> weights = response(op, axis, length);
  const int64_t results = op.sizes[axis];
  std::vector<std::vector<std::pair<int64_t, double>>> taps(static_cast<size_t>(results));
  ResizeTable table;
  table.extrapolated.assign(taps.size(), false);
  for (int64_t i = 0; i < length * results; ++i) {
    const double weight = weights[static_cast<size_t>(i)];
    const auto result = static_cast<size_t>(i % results);
    if (std::isnan(weight)) table.extrapolated[result] = true;
    if (weight != 0 && !std::isnan(weight)) taps[result].emplace_back(i / results, weight);
  }
  for (const auto& list : taps) {
    table.taps = std::max(table.taps, static_cast<int64_t>(list.size()));
  }
  for (auto& list : taps) {
    list.resize(static_cast<size_t>(table.taps));  // with weights of 0
    for (const auto& [position, weight] : list) {
      table.positions.push_back(position);
      table.weights.push_back(weight);
    }
  }
  return table;
}

}  // namespace nitro::plan
