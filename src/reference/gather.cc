#include <algorithm>

#include "reference/evaluate.h"
#include "reference/indices.h"

namespace nitro::reference {
namespace {

/// Copies `count` elements from `source_start` of x to `target_start` of y.
void copy_elements(const Tensor& x, int64_t source_start, Tensor& y, int64_t target_start,
                   int64_t count) {
  const int64_t size = size_of(x.dtype());
  std::copy_n(x.bytes().begin() + source_start * size, count * size,
              y.mutable_bytes().begin() + target_start * size);
}

}  // namespace

template <>
Result<void> evaluate(const Gather& op, Call& call) {
  const AxisView view(call.in(0).shape(), op.axis);
  const std::vector<int64_t> indices = TRY(normalized_indices(call.in(1), view.length));
  if (call.out().elements() == 0) return {};
  int64_t target = 0;
  for (int64_t outer = 0; outer < view.outer; ++outer) {
    for (int64_t index : indices) {
      copy_elements(call.in(0), (outer * view.length + index) * view.inner, call.out(), target,
                    view.inner);
      target += view.inner;
    }
  }
  return {};
}

template <>
Result<void> evaluate(const GatherElements& op, Call& call) {
  const std::vector<int64_t> offsets =
      TRY(element_offsets(call.in(1), call.in(0).shape(), op.axis));
  for (size_t i = 0; i < offsets.size(); ++i) {
    copy_elements(call.in(0), offsets[i], call.out(), static_cast<int64_t>(i), 1);
  }
  return {};
}

template <>
Result<void> evaluate(const GatherND& op, Call& call) {
  if (call.out().elements() == 0) return {};
  const Shape& data = call.in(0).shape();
  const Shape& indices = call.in(1).shape();
  const std::vector<int64_t> offsets = TRY(tuple_offsets(call.in(1), data, op.batch_dims));
  const int64_t batches = element_count({data.begin(), data.begin() + op.batch_dims});
  const int64_t slice = element_count({data.begin() + op.batch_dims + indices.back(), data.end()});
  const int64_t batch_size = element_count({data.begin() + op.batch_dims, data.end()});
  const auto tuples = static_cast<int64_t>(offsets.size());
  for (int64_t i = 0; i < tuples; ++i) {
    const int64_t batch = i / (tuples / batches);
    copy_elements(call.in(0), batch * batch_size + offsets[static_cast<size_t>(i)], call.out(),
                  i * slice, slice);
  }
  return {};
}

}  // namespace nitro::reference
