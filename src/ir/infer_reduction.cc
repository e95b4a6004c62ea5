#include "ir/infer.h"

namespace nitro {

template <>
Result<Types> infer(const Reduce& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  const bool compares = op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin;
  TRY(in.expect().that(compares || in[0].dtype != DType::kBool, "bool has no sum").done());
  int64_t previous = -1;
  std::vector<bool> reduced(in[0].shape.size(), false);
  for (int64_t axis : op.axes) {
    TRY(in.expect()
            .that(axis > previous && axis < in[0].rank(), "axes must be sorted and in range")
            .done());
    reduced[static_cast<size_t>(axis)] = true;
    previous = axis;
  }
  TensorType type{in[0].dtype, {}};
  for (size_t i = 0; i < reduced.size(); ++i) {
    if (!reduced[i]) type.shape.push_back(in[0].shape[i]);
    if (reduced[i] && op.keep_dims) type.shape.push_back(1);
  }
  return Types{type};
}

}  // namespace nitro
