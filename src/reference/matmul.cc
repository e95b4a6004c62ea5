#include <cmath>

#include "reference/broadcast_offsets.h"
#include "reference/evaluate.h"
#include "reference/product.h"

namespace nitro::reference {
namespace {

/// One operand as a stack of matrices.
struct Stack {
  const Tensor& tensor;
  int64_t rows, columns;              // after transposition
  int64_t row_stride, column_stride;  // in elements
  std::vector<int64_t> offsets;       // of the matrix that each product of the batch uses
};

Shape leading(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

Stack stack_of(const Tensor& tensor, bool transposed, const Shape& batch) {
  const Shape& shape = tensor.shape();
  const int64_t rows = shape[shape.size() - 2];
  const int64_t columns = shape.back();
  std::vector<int64_t> offsets = broadcast_offsets(leading(shape), batch);
  for (int64_t& offset : offsets) offset *= rows * columns;
  if (transposed) return {tensor, columns, rows, 1, columns, std::move(offsets)};
  return {tensor, rows, columns, columns, 1, std::move(offsets)};
}

/// Zero point of row or column i; absent: 0.
std::vector<double> zero_points(const Call& call, size_t operand, int64_t length) {
  std::vector<double> zero(static_cast<size_t>(length), 0.0);
  if (!call.has(operand)) return zero;
  const std::vector<double> given = call.in(operand).as<double>();
  for (size_t i = 0; i < zero.size(); ++i) zero[i] = given.size() == 1 ? given[0] : given[i];
  return zero;
}

/// a @ b, row-major; `a_zero` per row and `b_zero` per column are subtracted first.
std::vector<double> multiply_stacks(const Stack& a, const Stack& b,
                                    const std::vector<double>& a_zero,
                                    const std::vector<double>& b_zero) {
  const ProductSize size{static_cast<int64_t>(a.offsets.size()), a.rows, b.columns, a.columns};
  std::vector<double> y(static_cast<size_t>(size.batch * size.rows * size.columns));
  std::vector<double> packed;
  for (int64_t batch = 0; batch < size.batch; ++batch) {
    const int64_t offset = a.offsets[static_cast<size_t>(batch)];
    dispatch(a.tensor.dtype(), [&]<class T>(std::type_identity<T>) {
      const T* source = a.tensor.data<T>().data() + offset;
      const auto rows = pack_rows(size.rows, size.inner, [&](int64_t row, int64_t k) {
        return Tensor::convert<double>(source[row * a.row_stride + k * a.column_stride]) -
               a_zero[static_cast<size_t>(row)];
      });
      packed.insert(packed.end(), rows.begin(), rows.end());
    });
  }
  const int64_t packed_size =
      static_cast<int64_t>(packed.size()) / std::max<int64_t>(1, size.batch);
  const auto fill = [&](int64_t batch, int64_t column, int64_t k, int64_t depth, double* panel) {
    dispatch(b.tensor.dtype(), [&]<class T>(std::type_identity<T>) {
      const T* source = b.tensor.data<T>().data() + b.offsets[static_cast<size_t>(batch)];
      for (int64_t c = 0; c < kPanelColumns; ++c) {
        const int64_t known = std::min(column + c, size.columns - 1);
        const T* element = source + k * b.row_stride + known * b.column_stride;
        for (int64_t i = 0; i < depth; ++i) {
          panel[i * kPanelColumns + c] = Tensor::convert<double>(element[i * b.row_stride]) -
                                         b_zero[static_cast<size_t>(known)];
        }
      }
    });
  };
  multiply(
      size, [&](int64_t batch) { return packed.data() + batch * packed_size; }, fill,
      [&](int64_t batch, int64_t column, int64_t count, const double* sums) {
        for (int64_t row = 0; row < size.rows; ++row) {
          std::copy_n(sums + row * kPanelColumns, count,
                      y.data() + (batch * size.rows + row) * size.columns + column);
        }
      });
  return y;
}

/// The same for integers of any size, wrapping around.
std::vector<int64_t> multiply_integers(const Stack& a, const Stack& b) {
  const std::vector<int64_t> a_values = a.tensor.as<int64_t>();
  const std::vector<int64_t> b_values = b.tensor.as<int64_t>();
  std::vector<int64_t> y;
  for (size_t batch = 0; batch < a.offsets.size(); ++batch) {
    for (int64_t row = 0; row < a.rows; ++row) {
      for (int64_t column = 0; column < b.columns; ++column) {
        uint64_t sum = 0;
        for (int64_t k = 0; k < a.columns; ++k) {
          const int64_t left = a.offsets[batch] + row * a.row_stride + k * a.column_stride;
          const int64_t right = b.offsets[batch] + k * b.row_stride + column * b.column_stride;
          sum += static_cast<uint64_t>(a_values[static_cast<size_t>(left)]) *
                 static_cast<uint64_t>(b_values[static_cast<size_t>(right)]);
        }
        y.push_back(static_cast<int64_t>(sum));
      }
    }
  }
  return y;
}

std::vector<double> multiply_floats(const Stack& a, const Stack& b) {
  return multiply_stacks(a, b, std::vector<double>(static_cast<size_t>(a.rows)),
                         std::vector<double>(static_cast<size_t>(b.columns)));
}

}  // namespace

template <>
Result<void> evaluate(const MatMul& op, Call& call) {
  const Shape batch = leading(call.out().shape());
  const Stack a = stack_of(call.in(0), op.transpose_a, batch);
  const Stack b = stack_of(call.in(1), op.transpose_b, batch);
  if (is_integer(call.out().dtype()) && op.alpha == 1) {
    call.out().assign<int64_t>(multiply_integers(a, b));
    return {};
  }
  std::vector<double> y = multiply_floats(a, b);
  for (double& element : y) element *= op.alpha;
  call.out().assign<double>(y);
  return {};
}

template <>
Result<void> evaluate(const Gemm& op, Call& call) {
  const Stack a = stack_of(call.in(0), op.transpose_a, {});
  const Stack b = stack_of(call.in(1), op.transpose_b, {});
  std::vector<double> y = multiply_floats(a, b);
  for (double& element : y) element *= op.alpha;
  if (call.has(2)) {
    const std::vector<double> c = call.in(2).as<double>();
    const auto offsets = broadcast_offsets(call.in(2).shape(), call.out().shape());
    for (size_t i = 0; i < y.size(); ++i) y[i] += op.beta * c[static_cast<size_t>(offsets[i])];
  }
  call.out().assign<double>(y);
  return {};
}

template <>
Result<void> evaluate(const MatMulInteger&, Call& call) {
  const Shape batch = leading(call.out().shape());
  const Stack a = stack_of(call.in(0), false, batch);
  const Stack b = stack_of(call.in(1), false, batch);
  const std::vector<double> y =
      multiply_stacks(a, b, zero_points(call, 2, a.rows), zero_points(call, 3, b.columns));
  call.out().assign<int64_t>(std::vector<int64_t>(y.begin(), y.end()));
  return {};
}

}  // namespace nitro::reference
