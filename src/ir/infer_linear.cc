#include <map>

#include "ir/einsum_terms.h"
#include "ir/infer.h"

namespace nitro {
namespace {

/// Rows or columns of the matrix on the last two axes.
int64_t rows(const TensorType& type, bool transposed) {
  return type.shape[type.shape.size() - (transposed ? 1 : 2)];
}
int64_t columns(const TensorType& type, bool transposed) { return rows(type, !transposed); }

Shape leading(const TensorType& type) { return {type.shape.begin(), type.shape.end() - 2}; }

Result<Shape> matmul_shape(const Operands& in, bool transpose_a, bool transpose_b) {
  TRY(in.expect()
          .that(columns(in[0], transpose_a) == rows(in[1], transpose_b),
                "the inner dimensions differ")
          .done());
  Shape shape = TRY(broadcast(leading(in[0]), leading(in[1])));
  shape.push_back(rows(in[0], transpose_a));
  shape.push_back(columns(in[1], transpose_b));
  return shape;
}

Result<void> expect_zero_point(const Operands& in, size_t i, int64_t length) {
  if (!in.has(i)) return {};
  return in.expect()
      .that(in[i].elements() == 1 || in[i].shape == Shape{length},
            fmt::format("operand {} must be a scalar or have shape {}", i, length))
      .done();
}

}  // namespace

template <>
Result<Types> infer(const MatMul& op, const Operands& in) {
  TRY(in.expect()
          .count(2, 2)
          .same_dtype(0, 1)
          .rank_at_least(0, 2)
          .rank_at_least(1, 2)
          .that(in.has(0) && in[0].dtype != DType::kBool, "bool has no product")
          .done());
  return Types{{in[0].dtype, TRY(matmul_shape(in, op.transpose_a, op.transpose_b))}};
}

template <>
Result<Types> infer(const Gemm& op, const Operands& in) {
  TRY(in.expect()
          .count(2, 3)
          .same_dtype(0, 1)
          .same_dtype(0, 2)
          .rank(0, 2)
          .rank(1, 2)
          .that(in.has(0) && in[0].dtype != DType::kBool, "bool has no product")
          .done());
  const Shape shape = TRY(matmul_shape(in, op.transpose_a, op.transpose_b));
  if (in.has(2)) {
    TRY(in.expect()
            .that(TRY(broadcast(shape, in[2].shape)) == shape,
                  "operand 2 must broadcast to the product")
            .done());
  }
  return Types{{in[0].dtype, shape}};
}

template <>
Result<Types> infer(const Einsum& op, const Operands& in) {
  const EinsumTerms terms = TRY(parse_einsum(op.equation));
  TRY(in.expect()
          .count(terms.operands.size(), terms.operands.size())
          .that(in.has(0) && in[0].dtype != DType::kBool, "bool has no product")
          .done());
  std::map<char, int64_t> lengths;
  for (size_t i = 0; i < terms.operands.size(); ++i) {
    const std::string& term = terms.operands[i];
    TRY(in.expect().same_dtype(0, i).rank(i, static_cast<int64_t>(term.size())).done());
    for (size_t axis = 0; axis < term.size(); ++axis) {
      const int64_t length = in[i].shape[axis];
      int64_t& known = lengths.try_emplace(term[axis], length).first->second;
      if (known == 1) known = length;
      TRY(in.expect()
              .that(length == known || length == 1,
                    fmt::format("axis {} has more than one length", term[axis]))
              .done());
    }
  }
  Shape shape;
  for (char axis : terms.result) shape.push_back(lengths[axis]);
  return Types{{in[0].dtype, shape}};
}

template <>
Result<Types> infer(const MatMulInteger&, const Operands& in) {
  TRY(in.expect()
          .count(2, 4)
          .dtype(0, {DType::kI8, DType::kU8})
          .dtype(1, {DType::kI8, DType::kU8})
          .rank_at_least(0, 2)
          .rank_at_least(1, 2)
          .same_dtype(0, 2)
          .same_dtype(1, 3)
          .done());
  const Shape shape = TRY(matmul_shape(in, false, false));
  TRY(expect_zero_point(in, 2, shape[shape.size() - 2]));
  TRY(expect_zero_point(in, 3, shape.back()));
  return Types{{DType::kI32, shape}};
}

}  // namespace nitro
