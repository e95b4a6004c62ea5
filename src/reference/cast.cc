#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

void cast_to_bool(const Tensor& x, Tensor& y) {
  const std::vector<double> source = x.as<double>();
  const auto target = y.mutable_data<uint8_t>();
  for (size_t i = 0; i < source.size(); ++i) target[i] = source[i] != 0 ? 1 : 0;
}

}  // namespace

template <>
Result<void> evaluate(const Cast& op, Call& call) {
  if (op.to == DType::kBool) {
    cast_to_bool(call.in(0), call.out());
    return {};
  }
  dispatch(call.in(0).dtype(), [&]<class From>(std::type_identity<From>) {
    dispatch(op.to, [&]<class To>(std::type_identity<To>) {
      const auto source = call.in(0).data<From>();
      const auto target = call.out().mutable_data<To>();
      for (size_t i = 0; i < source.size(); ++i) target[i] = Tensor::convert<To>(source[i]);
    });
  });
  return {};
}

}  // namespace nitro::reference
