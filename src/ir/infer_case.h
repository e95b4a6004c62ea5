#pragma once

#include "ir/infer.h"

namespace nitro {

/// infer_types() on operands that are all present, for tests.
inline Result<Types> infer_case(const Op& op, const std::vector<TensorType>& operands) {
  std::vector<const TensorType*> pointers;
  for (const TensorType& type : operands) pointers.push_back(&type);
  return infer_types(op, pointers);
}

/// The shape of the only result, or {-1} where inference fails with kShapeMismatch, or {-2} where
/// it fails otherwise.
inline Shape shape_case(const Op& op, const std::vector<Shape>& operands,
                        DType dtype = DType::kF32) {
  std::vector<TensorType> types;
  for (const Shape& shape : operands) types.push_back({dtype, shape});
  const Result<Types> result = infer_case(op, types);
  if (!result) return {result.error().code == ErrorCode::kShapeMismatch ? -1 : -2};
  return result->at(0).shape;
}

inline const Shape kMismatch{-1};

}  // namespace nitro
