#include "reference/evaluate.h"
#include "reference/indices.h"

namespace nitro::reference {

template <>
Result<void> evaluate(const OneHot& op, Call& call) {
  const std::vector<int64_t> indices = call.in(0).as<int64_t>();
  const AxisView view(call.out().shape(), op.axis);
  dispatch(call.out().dtype(), [&]<class T>(std::type_identity<T>) {
    const auto values = call.in(1).data<T>();  // off, on
    const auto y = call.out().mutable_data<T>();
    for (size_t i = 0; i < y.size(); ++i) {
      const auto position = static_cast<int64_t>(i);
      const int64_t outer = position / view.inner / view.length;
      const int64_t index =
          indices[static_cast<size_t>(outer * view.inner + position % view.inner)];
      const bool on = position / view.inner % view.length == (index < 0 ? index + op.depth : index);
      y[i] = values[on ? 1 : 0];
    }
  });
  return {};
}

}  // namespace nitro::reference
