#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// The taps of one window along one axis that meet the input: positions first, first + step, …
struct Taps {
  int64_t first = 0;
  int64_t step = 1;
  int64_t count = 0;
  int64_t padded = 0;  // those that meet the input or its padding
};

Taps taps_of(const Pool& op, size_t axis, int64_t size, int64_t at) {
  const int64_t step = op.dilations[axis];
  const int64_t kernel = op.kernel[axis];
  const int64_t start = at * op.strides[axis] - op.pads_before[axis];
  const int64_t skipped = start < 0 ? (-start + step - 1) / step : 0;
  const auto below = [&](int64_t end) {  // taps in front of position `end`
    return start >= end ? 0 : std::min(kernel, (end - start + step - 1) / step);
  };
  return {start + skipped * step, step, std::max<int64_t>(0, below(size) - skipped),
          below(size + op.pads_after[axis])};
}

/// The windows of all output positions, one list per axis.
std::vector<std::vector<Taps>> all_taps(const Pool& op, const Shape& input) {
  std::vector<std::vector<Taps>> result(input.size());
  for (size_t axis = 0; axis < input.size(); ++axis) {
    for (int64_t at = 0; at < op.out[axis]; ++at) {
      result[axis].push_back(taps_of(op, axis, input[axis], at));
    }
  }
  return result;
}

/// Calls visit(offset) for each input element of a window given by one Taps per axis.
template <class Visit>
void for_each_tap(const std::vector<Taps>& window, const std::vector<int64_t>& strides,
                  Visit visit) {
  for (const Taps& taps : window) {
    if (taps.count == 0) return;
  }
  std::vector<int64_t> tap(window.size(), 0);
  while (true) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < window.size(); ++axis) {
      offset += (window[axis].first + tap[axis] * window[axis].step) * strides[axis];
    }
    visit(offset);
    size_t axis = window.size();
    while (axis > 0 && ++tap[axis - 1] == window[axis - 1].count) tap[--axis] = 0;
    if (axis == 0) return;
  }
}

template <class T>
struct Maximum {
  T value;
  int64_t offset;
};

template <class T>
Maximum<T> maximum(const T* x, const std::vector<Taps>& window,
                   const std::vector<int64_t>& strides) {
  using Limits = std::numeric_limits<T>;
  Maximum<T> best{Limits::has_infinity ? -Limits::infinity() : Limits::min(), -1};
  for_each_tap(window, strides, [&](int64_t offset) {
    if (best.offset < 0 || x[offset] > best.value || x[offset] != x[offset]) {
      best = {x[offset], offset};
    }
  });
  return {best.value, std::max<int64_t>(0, best.offset)};
}

double average(const double* x, const std::vector<Taps>& window,
               const std::vector<int64_t>& strides, bool count_padding) {
  double sum = 0;
  double count = 1;
  for_each_tap(window, strides, [&](int64_t offset) { sum += x[offset]; });
  for (const Taps& taps : window) {
    count *= static_cast<double>(count_padding ? taps.padded : taps.count);
  }
  return sum / count;
}

double norm(const double* x, const std::vector<Taps>& window, const std::vector<int64_t>& strides,
            int64_t p) {
  const auto power = static_cast<double>(p);
  double sum = 0;
  for_each_tap(window, strides,
               [&](int64_t offset) { sum += std::pow(std::abs(x[offset]), power); });
  return std::pow(sum, 1 / power);
}

/// `offset` into a plane of shape `input`, counted with the first axis fastest.
int64_t column_major(int64_t offset, const Shape& input) {
  Shape position(input.size());
  for (size_t axis = input.size(); axis-- > 0; offset /= input[axis]) {
    position[axis] = offset % input[axis];
  }
  int64_t result = 0;
  for (size_t axis = input.size(); axis-- > 0;) result = result * input[axis] + position[axis];
  return result;
}

/// Calls body(plane, result, window) for each result of each of `planes` planes.
template <class Body>
void for_each_window(const Pool& op, const Shape& input, int64_t planes, Body body) {
  const auto taps = all_taps(op, input);
  const int64_t results = element_count(op.out);
  parallel_for(planes, 1, [&](int64_t begin, int64_t end) {
    std::vector<Taps> window(input.size());
    for (int64_t i = begin * results; i < end * results; ++i) {
      int64_t rest = i % results;
      for (size_t axis = input.size(); axis-- > 0; rest /= op.out[axis]) {
        window[axis] = taps[axis][static_cast<size_t>(rest % op.out[axis])];
      }
      body(i / results, static_cast<size_t>(i), window);
    }
  });
}

template <class T>
void pool_maximum(const Pool& op, const Shape& input, int64_t planes, Call& call) {
  const std::vector<T> x = call.in(0).as<T>();
  const int64_t plane_size = element_count(input);
  const auto strides = strides_of(input);
  std::vector<T> y(static_cast<size_t>(call.out().elements()));
  std::vector<int64_t> indices(y.size());
  for_each_window(op, input, planes, [&](int64_t plane, size_t i, const std::vector<Taps>& window) {
    const auto best = maximum(x.data() + plane * plane_size, window, strides);
    y[i] = best.value;
    indices[i] =
        plane * plane_size + (op.columns_first ? column_major(best.offset, input) : best.offset);
  });
  call.out().assign<T>(y);
  call.out(1).assign<int64_t>(indices);
}

}  // namespace

template <>
Result<void> evaluate(const Pool& op, Call& call) {
  const Shape& shape = call.in(0).shape();
  const Shape input(shape.begin() + 2, shape.end());
  const int64_t planes = shape[0] * shape[1];
  if (op.kind == PoolKind::kMax) {
    if (is_float(call.in(0).dtype())) {
      pool_maximum<double>(op, input, planes, call);
    } else {
      pool_maximum<int64_t>(op, input, planes, call);
    }
    return {};
  }
  const std::vector<double> x = call.in(0).as<double>();
  const auto strides = strides_of(input);
  std::vector<double> y(static_cast<size_t>(call.out().elements()));
  for_each_window(op, input, planes, [&](int64_t plane, size_t i, const std::vector<Taps>& window) {
    const double* source = x.data() + plane * element_count(input);
    y[i] = op.kind == PoolKind::kLp ? norm(source, window, strides, op.p)
                                    : average(source, window, strides, op.count_padding);
  });
  call.out().assign<double>(y);
  return {};
}

}  // namespace nitro::reference
