#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// a modulo b, not negative.
int64_t wrapped(int64_t a, int64_t b) { return (a % b + b) % b; }

/// The element of an axis of `dim` that position `i` shows, or -1 for the constant.
int64_t source_of(PadMode mode, int64_t i, int64_t dim) {
  if (i >= 0 && i < dim) return i;
  switch (mode) {
    case PadMode::kConstant:
      return -1;
    case PadMode::kEdge:
      return i < 0 ? 0 : dim - 1;
    case PadMode::kWrap:
      return wrapped(i, dim);
    case PadMode::kReflect:
      break;
  }
  if (dim == 1) return 0;
  const int64_t period = 2 * (dim - 1);
  const int64_t position = wrapped(i, period);
  return position < dim ? position : period - position;
}

/// Per axis and position of y: the offset in x, or -1.
std::vector<std::vector<int64_t>> source_offsets(const Pad& op, const Shape& x, const Shape& y) {
  const std::vector<int64_t> strides = strides_of(x);
  std::vector<std::vector<int64_t>> offsets(x.size());
  for (size_t axis = 0; axis < x.size(); ++axis) {
    for (int64_t i = 0; i < y[axis]; ++i) {
      const int64_t source = source_of(op.mode, i - op.before[axis], x[axis]);
      offsets[axis].push_back(source < 0 ? -1 : source * strides[axis]);
    }
  }
  return offsets;
}

}  // namespace

template <>
Result<void> evaluate(const Pad& op, Call& call) {
  const Shape& shape = call.out().shape();
  if (call.out().elements() == 0) return {};
  const auto offsets = source_offsets(op, call.in(0).shape(), shape);
  dispatch(call.out().dtype(), [&]<class T>(std::type_identity<T>) {
    const auto x = call.in(0).data<T>();
    const auto y = call.out().mutable_data<T>();
    const auto constant = Tensor::convert<T>(op.value);
    for (size_t i = 0; i < y.size(); ++i) {
      auto rest = static_cast<int64_t>(i);
      int64_t source = 0;
      for (size_t axis = shape.size(); axis-- > 0 && source >= 0; rest /= shape[axis]) {
        const int64_t offset = offsets[axis][static_cast<size_t>(rest % shape[axis])];
        source = offset < 0 ? -1 : source + offset;
      }
      y[i] = source < 0 ? constant : x[static_cast<size_t>(source)];
    }
  });
  return {};
}

}  // namespace nitro::reference
