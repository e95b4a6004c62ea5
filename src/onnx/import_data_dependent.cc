#include "onnx/import_data_dependent.h"

#include <algorithm>
#include <map>

#include "onnx/require_operand.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

/// Operand 0 and the axis that is looked at: axis `axis`, or the only one of the flattened operand.
struct AlongAxis {
  ValueId value = kNoValue;
  int64_t axis = 0;
};

Result<AlongAxis> along_axis(ImportNode& node) {
  const ValueId x = TRY(require_operand(node, 0));
  if (node.has_attribute("axis")) return AlongAxis{x, TRY(node.axis("axis", 0, node.rank(0)))};
  return AlongAxis{TRY(node.reshape(x, {node.type(0).elements()})), 0};
}

/// The slices of `x` at each index of an axis.
std::vector<std::vector<double>> slices_of(const Tensor& x, int64_t axis) {
  const std::vector<double> values = x.as<double>();
  const auto length = static_cast<size_t>(x.shape()[static_cast<size_t>(axis)]);
  const auto inner = static_cast<size_t>(strides_of(x.shape())[static_cast<size_t>(axis)]);
  std::vector<std::vector<double>> slices(length);
  for (size_t i = 0; i < values.size(); ++i) slices[i / inner % length].push_back(values[i]);
  return slices;
}

struct UniqueSlices {
  std::vector<int64_t> first;    // where each unique slice occurs first
  std::vector<int64_t> inverse;  // the unique slice of each slice
  std::vector<int64_t> counts;
};

UniqueSlices find_unique(const std::vector<std::vector<double>>& slices, bool sorted) {
  std::map<std::vector<double>, int64_t> first_of;  // in ascending order
  for (size_t i = 0; i < slices.size(); ++i) first_of.try_emplace(slices[i], i);
  UniqueSlices unique;
  for (const auto& [slice, first] : first_of) unique.first.push_back(first);
  if (!sorted) std::ranges::sort(unique.first);

  std::map<int64_t, int64_t> rank_of;  // of a first occurrence
  unique.counts.assign(unique.first.size(), 0);
  for (size_t i = 0; i < unique.first.size(); ++i) {
    rank_of[unique.first[i]] = static_cast<int64_t>(i);
  }
  for (const auto& slice : slices) {
    unique.inverse.push_back(rank_of[first_of[slice]]);
    ++unique.counts[static_cast<size_t>(unique.inverse.back())];
  }
  return unique;
}

}  // namespace

Values import_compress(ImportNode& node) {
  const auto [x, axis] = TRY(along_axis(node));
  const std::vector<double> condition = TRY(node.require_numbers(1));
  const int64_t length = node.type_of(x).shape[static_cast<size_t>(axis)];
  if (std::ssize(condition) > length) {
    return fail(ErrorCode::kShapeMismatch, "{} conditions for {} elements", condition.size(),
                length);
  }
  std::vector<int64_t> kept;
  for (size_t i = 0; i < condition.size(); ++i) {
    if (condition[i] != 0) kept.push_back(static_cast<int64_t>(i));
  }
  return node.emit_all(Gather{axis}, {x, node.add_constant(Tensor::vector(kept))});
}

Values import_non_zero(ImportNode& node) {
  const Tensor x = TRY(node.require_constant(0));
  const std::vector<double> values = x.as<double>();
  std::vector<int64_t> found;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0) found.push_back(static_cast<int64_t>(i));
  }
  std::vector<int64_t> indices;
  const std::vector<int64_t> strides = strides_of(x.shape());
  for (size_t axis = 0; axis < strides.size(); ++axis) {
    for (int64_t i : found) indices.push_back(i / strides[axis] % x.shape()[axis]);
  }
  const auto count = static_cast<int64_t>(found.size());
  return std::vector{node.add_constant(Tensor::of(DType::kI64, {x.type().rank(), count}, indices))};
}

Values import_unique(ImportNode& node) {
  TRY(node.require_constant(0));
  const auto [x, axis] = TRY(along_axis(node));
  const bool sorted = TRY(node.integer("sorted", 1)) != 0;
  const Tensor tensor = *node.constant_of(x);
  const UniqueSlices unique = find_unique(slices_of(tensor, axis), sorted);
  const ValueId first = node.add_constant(Tensor::vector(unique.first));
  return std::vector{TRY(node.emit(Gather{axis}, {x, first})), first,
                     node.add_constant(Tensor::vector(unique.inverse)),
                     node.add_constant(Tensor::vector(unique.counts))};
}

}  // namespace nitro::onnx
