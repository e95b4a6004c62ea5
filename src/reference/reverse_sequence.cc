#include "reference/evaluate.h"

namespace nitro::reference {

template <>
Result<void> evaluate(const ReverseSequence& op, Call& call) {
  const Shape& shape = call.in(0).shape();
  const std::vector<int64_t> lengths = call.in(1).as<int64_t>();
  for (int64_t length : lengths) {
    if (length < 0 || length > shape[static_cast<size_t>(op.time_axis)]) {
      return fail(ErrorCode::kBadModel, "sequence length {} is out of range", length);
    }
  }
  const int64_t inner = element_count({shape.begin() + 2, shape.end()});
  dispatch(call.out().dtype(), [&]<class T>(std::type_identity<T>) {
    const auto x = call.in(0).data<T>();
    const auto y = call.out().mutable_data<T>();
    for (size_t i = 0; i < x.size(); ++i) {
      const auto position = static_cast<int64_t>(i);
      const int64_t first = position / inner / shape[1];
      const int64_t second = position / inner % shape[1];
      const int64_t time = op.time_axis == 0 ? first : second;
      const int64_t length = lengths[static_cast<size_t>(op.time_axis == 0 ? second : first)];
      const int64_t source_time = time < length ? length - 1 - time : time;
      const int64_t step = op.time_axis == 0 ? shape[1] * inner : inner;
      y[i] = x[static_cast<size_t>(position + (source_time - time) * step)];
    }
  });
  return {};
}

}  // namespace nitro::reference
