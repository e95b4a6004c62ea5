#include <fmt/core.h>

#include <map>

#include "ir/einsum_terms.h"
#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// Rows, columns and strides of an operand's matrices, transposed if asked for.
struct Matrix {
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t row_stride = 1;
  int64_t column_stride = 1;
};

Matrix matrix_of(const Shape& shape, bool transposed) {
  const int64_t rows = shape[shape.size() - 2];
  const int64_t columns = shape.back();
  if (transposed) return {columns, rows, 1, columns};
  return {rows, columns, columns, 1};
}

Shape leading(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

/// Where the operands of element `index` of a product start, and how far the summed axis goes.
struct Product {
  Index a, b;  // at k = 0
  Index row, column;
  int64_t depth = 0, a_stride = 1, b_stride = 1;
};

Product product_at(const Site& site, bool transpose_a, bool transpose_b) {
  Writer& w = site.w();
  const Matrix a = matrix_of(site.in(0).shape, transpose_a);
  const Matrix b = matrix_of(site.in(1).shape, transpose_b);
  const auto [rest, column] = w.divide(site.index, b.columns);
  const auto [batch, row] = w.divide(rest, a.rows);
  const Shape batches = leading(site.out().shape);
  const Index a_batch = w.broadcast(batch, leading(site.in(0).shape), batches);
  const Index b_batch = w.broadcast(batch, leading(site.in(1).shape), batches);
  return {a_batch * (a.rows * a.columns) + row * a.row_stride,
          b_batch * (b.rows * b.columns) + column * b.column_stride,
          row,
          column,
          a.columns,
          a.column_stride,
          b.row_stride};
}

std::string float_product(const Site& site, const Product& product) {
  Writer& w = site.w();
  const std::string sum = w.variable("float", "0.0f");
  const Writer::Accumulator accumulators[] = {{sum, Combine::kSum}};
  w.reduce(product.depth, accumulators, [&](const Index& k) {
    w.line(fmt::format("{} += {} * {};", sum, site.real(0, product.a + k * product.a_stride),
                       site.real(1, product.b + k * product.b_stride)));
  });
  return w.let("float", sum);
}

std::string integer_product(const Site& site, const Product& product) {
  Writer& w = site.w();
  const std::string sum = w.variable("unsigned long long", "0");
  const Index k = w.loop(product.depth);
  w.line(fmt::format("{} += (unsigned long long)({}) * (unsigned long long)({});", sum,
                     site.whole(0, product.a + k * product.a_stride),
                     site.whole(1, product.b + k * product.b_stride)));
  w.close();
  return site.from_whole("(long long)" + sum);
}

/// Element of a zero point with one entry or one per position; "0" where it is absent.
std::string zero_point(const Site& site, size_t operand, const Index& position) {
  if (!site.has(operand)) return "0";
  return site.at(operand, site.in(operand).elements() == 1 ? Index{} : position);
}

/// Lanes share a sum only where they read neighbours, or where there is little else to share.
int64_t shared_depth(const Graph& graph, const Node& node, bool transpose_a, bool transpose_b) {
  const Matrix a = matrix_of(graph.type(node.inputs[0]).shape, transpose_a);
  const Matrix b = matrix_of(graph.type(node.inputs[1]).shape, transpose_b);
  if (!is_float(graph.type(node.outputs[0]).dtype)) return 1;
  const bool neighbours = a.column_stride == 1 && b.row_stride == 1;
  const bool few = graph.type(node.outputs[0]).elements() < 2048;
  return neighbours || few ? a.columns : 1;
}

}  // namespace

int64_t summed(const MatMul& op, const Graph& graph, const Node& node) {
  return shared_depth(graph, node, op.transpose_a, op.transpose_b);
}

int64_t summed(const nitro::Gemm& op, const Graph& graph, const Node& node) {
  return shared_depth(graph, node, op.transpose_a, op.transpose_b);
}

std::string code(const MatMul& op, const Site& site) {
  const Product product = product_at(site, op.transpose_a, op.transpose_b);
  if (is_integer(site.out().dtype) && op.alpha == 1) return integer_product(site, product);
  const std::string sum = float_product(site, product);
  if (op.alpha == 1) return site.from_real(sum);
  return site.from_real(fmt::format("{} * {}", sum, float_literal(op.alpha)));
}

std::string code(const nitro::Gemm& op, const Site& site) {
  const Product product = product_at(site, op.transpose_a, op.transpose_b);
  std::string result =
      fmt::format("{} * {}", float_product(site, product), float_literal(op.alpha));
  if (site.has(2)) {
    result += fmt::format(" + {} * {}", float_literal(op.beta), site.real(2, site.aligned(2)));
  }
  return site.from_real(result);
}

std::string code(const MatMulInteger&, const Site& site) {
  Writer& w = site.w();
  const Product product = product_at(site, false, false);
  const std::string a_zero = w.let("int", zero_point(site, 2, product.row));
  const std::string b_zero = w.let("int", zero_point(site, 3, product.column));
  const std::string sum = w.variable("int", "0");
  const Index k = w.loop(product.depth);
  w.line(fmt::format("{} += ({} - {}) * ({} - {});", sum,
                     site.at(0, product.a + k * product.a_stride), a_zero,
                     site.at(1, product.b + k * product.b_stride), b_zero));
  w.close();
  return w.let("int", sum);
}

std::string code(const Einsum& op, const Site& site) {
  Writer& w = site.w();
  const EinsumTerms terms = parse_einsum(op.equation).value();  // infer() accepted it
  std::map<char, int64_t> lengths;
  for (size_t i = 0; i < terms.operands.size(); ++i) {
    for (size_t axis = 0; axis < terms.operands[i].size(); ++axis) {
      int64_t& length = lengths.try_emplace(terms.operands[i][axis], 1).first->second;
      if (length == 1) length = site.in(i).shape[axis];
    }
  }
  const bool floats = is_float(site.out().dtype);
  std::map<char, Index> at;
  const std::vector<Index> own = w.unravel(site.index, site.out().shape);
  for (size_t axis = 0; axis < own.size(); ++axis) at[terms.result[axis]] = own[axis];
  const std::string sum = w.variable(floats ? "float" : "unsigned long long", "0");
  size_t loops = 0;
  for (const auto& [letter, length] : lengths) {
    if (at.contains(letter)) continue;
    at[letter] = w.loop(length);
    ++loops;
  }
  std::string product;
  for (size_t i = 0; i < terms.operands.size(); ++i) {
    const std::vector<int64_t> strides = strides_of(site.in(i).shape);
    Index x;
    for (size_t axis = 0; axis < strides.size(); ++axis) {
      // An axis named twice walks along the diagonal; one of length 1 stays.
      if (site.in(i).shape[axis] != 1) x = x + at[terms.operands[i][axis]] * strides[axis];
    }
    if (i > 0) product += " * ";
    product += floats ? site.real(i, x) : fmt::format("(unsigned long long)({})", site.whole(i, x));
  }
  w.line(fmt::format("{} += {};", sum, product));
  for (size_t i = 0; i < loops; ++i) w.close();
  return floats ? site.from_real(sum) : site.from_whole("(long long)" + sum);
}

}  // namespace nitro::plan
