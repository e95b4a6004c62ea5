#include "reference/evaluate.h"
#include "reference/indices.h"

namespace nitro::reference {
namespace {

template <class T>
void evaluate_as(const ArgReduce& op, Call& call) {
  const std::vector<T> x = call.in(0).as<T>();
  const AxisView view(call.in(0).shape(), op.axis);
  const auto y = call.out().mutable_data<int64_t>();
  const auto inner = static_cast<size_t>(view.inner);
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t start = i / inner * static_cast<size_t>(view.length) * inner + i % inner;
    T best = x[start];
    for (int64_t j = 1; j < view.length; ++j) {
      const T candidate = x[start + static_cast<size_t>(j) * inner];
      const bool better = op.largest ? candidate > best : candidate < best;
      if (!better && !(op.last && candidate == best)) continue;
      best = candidate;
      y[i] = j;
    }
  }
}

}  // namespace

template <>
Result<void> evaluate(const ArgReduce& op, Call& call) {
  if (is_float(call.in(0).dtype())) {
    evaluate_as<double>(op, call);
  } else {
    evaluate_as<int64_t>(op, call);
  }
  return {};
}

}  // namespace nitro::reference
