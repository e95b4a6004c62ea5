#include <cmath>
#include <limits>

#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// Strides of the result per axis of the operand; 0 along reduced axes.
std::vector<int64_t> result_strides(const Reduce& op, const Shape& shape) {
  Shape kept = shape;
  for (int64_t axis : op.axes) kept[static_cast<size_t>(axis)] = 1;
  std::vector<int64_t> strides = strides_of(kept);
  for (int64_t axis : op.axes) strides[static_cast<size_t>(axis)] = 0;
  return strides;
}

/// Calls visit(element, result) with the index of each element, in order, and of its result.
template <class Visit>
void walk(const Shape& shape, const std::vector<int64_t>& strides, Visit visit) {
  std::vector<int64_t> at(shape.size(), 0);
  int64_t result = 0;
  const int64_t count = element_count(shape);
  for (int64_t element = 0; element < count; ++element) {
    visit(static_cast<size_t>(element), static_cast<size_t>(result));
    for (size_t axis = shape.size(); axis-- > 0;) {
      result += strides[axis];
      if (++at[axis] < shape[axis]) break;
      result -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

template <class T>
T initial(ReduceKind kind) {
  using Limits = std::numeric_limits<T>;
  if (kind == ReduceKind::kProd) return 1;
  if (kind == ReduceKind::kMax) return Limits::has_infinity ? -Limits::infinity() : Limits::min();
  if (kind == ReduceKind::kMin) return Limits::has_infinity ? Limits::infinity() : Limits::max();
  return 0;
}

/// NaN wins.
template <class T>
T extreme(T best, T x, bool largest) {
  if (x != x) return x;
  return (largest ? x > best : x < best) ? x : best;
}

/// Sums and products of integers wrap around.
template <class T>
T add(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}
template <class T>
T multiply(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else {
    return a * b;
  }
}

template <class T>
T accumulate(ReduceKind kind, T sum, T x) {
  switch (kind) {
    case ReduceKind::kProd:
      return multiply(sum, x);
    case ReduceKind::kMax:
    case ReduceKind::kMin:
      return extreme(sum, x, kind == ReduceKind::kMax);
    case ReduceKind::kL1:
      return add(sum, x < 0 ? multiply<T>(x, -1) : x);
    case ReduceKind::kL2:
    case ReduceKind::kSumSquare:
      return add(sum, multiply(x, x));
    default:
      return add(sum, x);
  }
}

double finish(ReduceKind kind, double sum, double count) {
  switch (kind) {
    case ReduceKind::kMean:
      return sum / count;
    case ReduceKind::kL2:
      return std::sqrt(sum);
    case ReduceKind::kLogSum:
      return std::log(sum);
    default:
      return sum;
  }
}

template <class T>
std::vector<T> reduce(ReduceKind kind, const std::vector<T>& x, const Shape& shape,
                      const std::vector<int64_t>& strides, int64_t results) {
  std::vector<T> y(static_cast<size_t>(results), initial<T>(kind));
  walk(shape, strides,
       [&](size_t element, size_t result) { y[result] = accumulate(kind, y[result], x[element]); });
  return y;
}

std::vector<double> log_sum_exp(const std::vector<double>& x, const Shape& shape,
                                const std::vector<int64_t>& strides, int64_t results) {
  const std::vector<double> largest = reduce(ReduceKind::kMax, x, shape, strides, results);
  std::vector<double> y(largest.size(), 0.0);
  walk(shape, strides, [&](size_t element, size_t result) {
    const bool infinite = std::isinf(largest[result]);
    y[result] += infinite ? 0 : std::exp(x[element] - largest[result]);
  });
  for (size_t i = 0; i < y.size(); ++i) {
    y[i] = std::isinf(largest[i]) ? largest[i] : std::log(y[i]) + largest[i];
  }
  return y;
}

}  // namespace

template <>
Result<void> evaluate(const Reduce& op, Call& call) {
  const Shape& shape = call.in(0).shape();
  const std::vector<int64_t> strides = result_strides(op, shape);
  const int64_t results = call.out().elements();
  const int64_t count = results == 0 ? 0 : call.in(0).elements() / results;
  const bool exact = !is_float(call.in(0).dtype()) && op.kind != ReduceKind::kL2 &&
                     op.kind != ReduceKind::kLogSum && op.kind != ReduceKind::kLogSumExp;
  if (exact) {
    auto y = reduce(op.kind, call.in(0).as<int64_t>(), shape, strides, results);
    if (op.kind == ReduceKind::kMean) {
      for (int64_t& element : y) element = count == 0 ? 0 : element / count;
    }
    call.out().assign<int64_t>(y);
    return {};
  }
  const std::vector<double> x = call.in(0).as<double>();
  std::vector<double> y = op.kind == ReduceKind::kLogSumExp
                              ? log_sum_exp(x, shape, strides, results)
                              : reduce(op.kind, x, shape, strides, results);
  for (double& element : y) element = finish(op.kind, element, static_cast<double>(count));
  call.out().assign<double>(y);
  return {};
}

}  // namespace nitro::reference
