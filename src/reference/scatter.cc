#include <algorithm>

#include "reference/evaluate.h"
#include "reference/indices.h"

namespace nitro::reference {
namespace {

template <class T>
T reduce(ScatterReduction reduction, T old, T update) {
  switch (reduction) {
    case ScatterReduction::kNone:
      return update;
    case ScatterReduction::kAdd:
      return old + update;
    case ScatterReduction::kMul:
      return old * update;
    case ScatterReduction::kMin:
      return std::min(old, update);
    case ScatterReduction::kMax:
      return std::max(old, update);
  }
  return update;
}

/// y = x with `slice` updates folded in at each of `offsets`, in their order.
template <class T>
void scatter(ScatterReduction reduction, const std::vector<int64_t>& offsets, int64_t slice,
             Call& call) {
  std::vector<T> y = call.in(0).as<T>();
  const std::vector<T> updates = call.in(2).as<T>();
  size_t next = 0;
  for (int64_t offset : offsets) {
    for (int64_t i = offset; i < offset + slice; ++i) {
      T& element = y[static_cast<size_t>(i)];
      element = reduce(reduction, element, updates[next++]);
    }
  }
  call.out().assign<T>(y);
}

/// In uint64_t for integers, so that sums wrap; the order of min and max then needs int64_t.
void scatter(ScatterReduction reduction, const std::vector<int64_t>& offsets, int64_t slice,
             Call& call) {
  const bool sums = reduction == ScatterReduction::kAdd || reduction == ScatterReduction::kMul;
  if (is_float(call.in(0).dtype())) {
    scatter<double>(reduction, offsets, slice, call);
  } else if (sums) {
    scatter<uint64_t>(reduction, offsets, slice, call);
  } else {
    scatter<int64_t>(reduction, offsets, slice, call);
  }
}

}  // namespace

template <>
Result<void> evaluate(const ScatterElements& op, Call& call) {
  scatter(op.reduction, TRY(element_offsets(call.in(1), call.in(0).shape(), op.axis)), 1, call);
  return {};
}

template <>
Result<void> evaluate(const ScatterND& op, Call& call) {
  const Shape& data = call.in(0).shape();
  if (call.in(2).elements() == 0) {
    call.out() = call.in(0);
    return {};
  }
  const int64_t depth = call.in(1).shape().back();
  scatter(op.reduction, TRY(tuple_offsets(call.in(1), data, 0)),
          element_count({data.begin() + depth, data.end()}), call);
  return {};
}

}  // namespace nitro::reference
