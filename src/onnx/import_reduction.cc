#include <algorithm>
#include <numeric>

#include "onnx/importers.h"

namespace nitro::onnx {
namespace {

/// Axes as an attribute, or as operand 1 where the opset has made them one.
Result<Ints> read_axes(const ImportNode& node) {
  Ints axes = TRY(node.integers("axes"));
  if (node.has(1)) axes = TRY(node.require_integers(1));
  for (int64_t& axis : axes) axis = TRY(normalize_axis(axis, node.rank(0)));
  std::ranges::sort(axes);
  const auto repeated = std::ranges::unique(axes);
  axes.erase(repeated.begin(), repeated.end());
  return axes;
}

template <ReduceKind kKind>
Result<std::vector<ValueId>> import_reduce(ImportNode& node) {
  Reduce op;
  op.kind = kKind;
  op.axes = TRY(read_axes(node));
  op.keep_dims = TRY(node.integer("keepdims", 1)) != 0;
  if (op.axes.empty() && TRY(node.integer("noop_with_empty_axes", 0)) == 0) {
    op.axes.resize(node.type(0).shape.size());
    std::iota(op.axes.begin(), op.axes.end(), 0);
  }
  return node.emit_all(op, {node.input(0)});
}

}  // namespace

std::span<const ImporterRow> reduction_importers() {
  static constexpr ImporterRow kRows[] = {
      {"", "ReduceL1", import_reduce<ReduceKind::kL1>},
      {"", "ReduceL2", import_reduce<ReduceKind::kL2>},
      {"", "ReduceLogSum", import_reduce<ReduceKind::kLogSum>},
      {"", "ReduceLogSumExp", import_reduce<ReduceKind::kLogSumExp>},
      {"", "ReduceMax", import_reduce<ReduceKind::kMax>},
      {"", "ReduceMean", import_reduce<ReduceKind::kMean>},
      {"", "ReduceMin", import_reduce<ReduceKind::kMin>},
      {"", "ReduceProd", import_reduce<ReduceKind::kProd>},
      {"", "ReduceSum", import_reduce<ReduceKind::kSum>},
      {"", "ReduceSumSquare", import_reduce<ReduceKind::kSumSquare>},
  };
  return kRows;
}

}  // namespace nitro::onnx
