#include "reference/evaluate.h"
#include "reference/indices.h"

namespace nitro::reference {
namespace {

template <class T>
void cumulate(const CumSum& op, Call& call) {
  std::vector<T> x = call.in(0).as<T>();
  const AxisView view(call.in(0).shape(), op.axis);
  for (int64_t row = 0; row < view.outer * view.inner; ++row) {
    const int64_t start = row / view.inner * view.length * view.inner + row % view.inner;
    T sum = 0;
    for (int64_t step = 0; step < view.length; ++step) {
      const int64_t position = op.reverse ? view.length - 1 - step : step;
      T& element = x[static_cast<size_t>(start + position * view.inner)];
      const T before = sum;
      sum += element;
      element = op.exclusive ? before : sum;
    }
  }
  call.out().assign<T>(x);
}

}  // namespace

template <>
Result<void> evaluate(const CumSum& op, Call& call) {
  if (call.out().elements() == 0) return {};
  if (is_float(call.in(0).dtype())) {
    cumulate<double>(op, call);
  } else {
    cumulate<uint64_t>(op, call);  // sums wrap
  }
  return {};
}

}  // namespace nitro::reference
