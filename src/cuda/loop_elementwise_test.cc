#include "cuda/loop_cases.h"

namespace nitro::cuda {
namespace {

Tensor special_values() {
  const double inf = INFINITY;
  return Tensor::of<double>(DType::kF32, {12},
                            {0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, inf, -inf, NAN, 300});
}

TEST(LoopElementwise, Unary) {
  Random random(1);
  LoopCases cases;
  for (size_t i = 0; i < kUnaryNames.size(); ++i) {
    const auto kind = static_cast<UnaryKind>(i);
    const std::string name(kUnaryNames[i]);
    if (kind != UnaryKind::kNot && kind != UnaryKind::kBitwiseNot) {
      cases.add(name, Unary{kind}, {some(random, {3, 5})});
      cases.add(name + " special", Unary{kind}, {special_values()});
      cases.add(name + " f16", Unary{kind}, {some(random, {7}, DType::kF16)});
    }
  }
  for (UnaryKind kind : {UnaryKind::kAbs, UnaryKind::kNeg, UnaryKind::kSign, UnaryKind::kRelu,
                         UnaryKind::kBitwiseNot}) {
    for (DType dtype : {DType::kI8, DType::kI32, DType::kI64}) {
      cases.add("integer", Unary{kind}, {some(random, {9}, dtype)});
    }
  }
  cases.add("smallest", Unary{UnaryKind::kAbs}, {Tensor::of<int64_t>(DType::kI8, {2}, {-128, 5})});
  cases.add("Not", Unary{UnaryKind::kNot}, {some(random, {9}, DType::kBool)});
  cases.expect_all(1e-4);
}

TEST(LoopElementwise, ActivationsAndClip) {
  Random random(2);
  LoopCases cases;
  for (size_t i = 0; i < kActivationNames.size(); ++i) {
    const nitro::Activation op{static_cast<ActivationKind>(i), 0.7, 1.3};
    cases.add(std::string(kActivationNames[i]), op, {some(random, {33})});
    cases.add(std::string(kActivationNames[i]) + " special", op, {special_values()});
  }
  cases.add("IsInf none", nitro::Activation{ActivationKind::kIsInf, 0, 0}, {special_values()});
  for (bool tanh : {false, true}) {
    cases.add("Gelu", Gelu{tanh}, {some(random, {4, 6})});
    cases.add("BiasGelu", Gelu{tanh}, {some(random, {4, 6}), some(random, {6})});
  }
  cases.add("Clip", Clip{-1, 0.5}, {some(random, {31})});
  cases.add("Clip special", Clip{-1, 0.5}, {special_values()});
  cases.add("Clip open", Clip{-INFINITY, INFINITY}, {special_values()});
  cases.add("Clip u8", Clip{10, 200}, {some(random, {31}, DType::kU8)});
  cases.add("Clip i64", Clip{-1e30, 20}, {some(random, {31}, DType::kI64)});
  cases.expect_all();
}

TEST(LoopElementwise, Binary) {
  Random random(3);
  LoopCases cases;
  const auto not_zero = [](Tensor tensor) {
    std::vector<double> values = tensor.as<double>();
    for (double& value : values) value = value == 0 ? 3 : value;
    return Tensor::of(tensor.dtype(), tensor.shape(), values);
  };
  for (size_t i = 0; i < kBinaryNames.size(); ++i) {
    const auto kind = static_cast<BinaryKind>(i);
    const std::string name(kBinaryNames[i]);
    const bool logic = name == "And" || name == "Or" || name == "Xor";
    const bool bits = name.starts_with("Bitwise") || name.starts_with("Shift");
    if (logic) {
      cases.add(name, Binary{kind},
                {some(random, {4, 5}, DType::kBool), some(random, {5}, DType::kBool)});
      continue;
    }
    if (!bits) {
      cases.add(name, Binary{kind}, {some(random, {2, 3, 4}), some(random, {3, 1})});
      if (kind != BinaryKind::kPRelu) {
        cases.add(name + " both ways", Binary{kind},
                  {some(random, {1, 1, 4}), some(random, {5, 3, 1})});
      }
      cases.add(name + " special", Binary{kind},
                {special_values(), Tensor::scalar(DType::kF32, 2)});
    }
    const DType dtypes[] = {DType::kI64, DType::kI32, DType::kU8};
    for (DType dtype : dtypes) {
      if (name.starts_with("Shift") && dtype != DType::kU8) continue;
      const Tensor small = Tensor::of<int64_t>(dtype, {4}, {1, 2, 3, 1});
      const bool powers = name == "Pow" || name.starts_with("Shift");
      cases.add(name + " integer", Binary{kind},
                {some(random, {3, 4}, dtype), powers ? small : not_zero(some(random, {4}, dtype))});
    }
  }
  cases.add("Pow mixed", Binary{BinaryKind::kPow},
            {some(random, {6}, DType::kI32), Tensor::scalar(DType::kF32, 2)});
  cases.expect_all();
}

TEST(LoopElementwise, WhereAndCast) {
  Random random(4);
  LoopCases cases;
  cases.add("Where", Where{},
            {some(random, {3, 1}, DType::kBool), some(random, {2, 3, 4}), some(random, {4})});
  cases.add("Where i64", Where{},
            {some(random, {4}, DType::kBool), some(random, {4}, DType::kI64),
             some(random, {1}, DType::kI64)});
  const DType all[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI8,
                       DType::kU8,  DType::kI32, DType::kI64,  DType::kBool};
  for (DType from : all) {
    for (DType to : all) {
      const std::string label = fmt::format("{} to {}", name(from), name(to));
      cases.add(label, Cast{to}, {some(random, {20}, from, 150)});
    }
  }
  for (DType to : {DType::kI8, DType::kU8, DType::kI32, DType::kI64, DType::kBool}) {
    cases.add("special to " + std::string(name(to)), Cast{to},
              {Tensor::of<double>(DType::kF32, {6}, {NAN, INFINITY, -INFINITY, 3e9, -3e9, 1e19})});
  }
  cases.expect_all();
}

}  // namespace
}  // namespace nitro::cuda
