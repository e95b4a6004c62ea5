#include <algorithm>
#include <numeric>

#include "reference/evaluate.h"
#include "reference/indices.h"

namespace nitro::reference {
namespace {

/// A strict order in which NaN is above every number.
template <class T>
bool below(T a, T b) {
  return a < b || (a == a && b != b);
}

/// Positions of the k first of `row`, best first, equal ones by position.
template <class T>
std::vector<size_t> best(const TopK& op, const std::vector<T>& row) {
  std::vector<size_t> order(row.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::partial_sort(order, order.begin() + op.k, [&](size_t a, size_t b) {
    if (below(row[a], row[b])) return !op.largest;
    if (below(row[b], row[a])) return op.largest;
    return a < b;
  });
  order.resize(static_cast<size_t>(op.k));
  return order;
}

template <class T>
void evaluate_as(const TopK& op, Call& call) {
  const std::vector<T> x = call.in(0).as<T>();
  const AxisView view(call.in(0).shape(), op.axis);
  std::vector<T> values(static_cast<size_t>(call.out().elements()));
  const auto indices = call.out(1).mutable_data<int64_t>();
  std::vector<T> row(static_cast<size_t>(view.length));
  const auto inner = static_cast<size_t>(view.inner);
  for (size_t i = 0; i < static_cast<size_t>(view.outer) * inner; ++i) {
    const size_t start = i / inner * row.size() * inner + i % inner;
    for (size_t j = 0; j < row.size(); ++j) row[j] = x[start + j * inner];
    size_t target = i / inner * static_cast<size_t>(op.k) * inner + i % inner;
    for (size_t position : best(op, row)) {
      values[target] = row[position];
      indices[target] = static_cast<int64_t>(position);
      target += inner;
    }
  }
  call.out().assign<T>(values);
}

}  // namespace

template <>
Result<void> evaluate(const TopK& op, Call& call) {
  if (call.out().elements() == 0) return {};
  if (is_float(call.in(0).dtype())) {
    evaluate_as<double>(op, call);
  } else {
    evaluate_as<int64_t>(op, call);
  }
  return {};
}

}  // namespace nitro::reference
