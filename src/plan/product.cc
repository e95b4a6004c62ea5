#include "plan/product.h"

#include <algorithm>
#include <numeric>

namespace nitro::plan {
namespace {

bool is_stored_float(const Graph& graph, ValueId value) {
  return is_float(graph.type(value).dtype);
}

Shape without_matrix(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

/// For each matrix of a batch, the number of the matrix that an operand shows there.
std::vector<int64_t> matrices(const Shape& operand, const Shape& batch) {
  std::vector<int64_t> numbers(static_cast<size_t>(element_count(batch)), 0);
  const std::vector<int64_t> strides = strides_of(operand);
  const size_t extra = batch.size() - operand.size();
  for (size_t i = 0; i < numbers.size(); ++i) {
    auto rest = static_cast<int64_t>(i);
    for (size_t axis = batch.size(); axis-- > 0;) {
      const int64_t index = rest % batch[axis];
      rest /= batch[axis];
      if (axis >= extra && operand[axis - extra] > 1) numbers[i] += index * strides[axis - extra];
    }
  }
  return numbers;
}

/// The stored matrices with these numbers, each of these sizes or, transposed, of the other order.
MatrixPlaces matrix(int64_t rows, int64_t columns, bool transposed,
                    const std::vector<int64_t>& numbers) {
  MatrixPlaces places;
  places.batch = static_cast<int64_t>(numbers.size());
  for (int64_t number : numbers) {
    for (int64_t row = 0; row < rows; ++row) {
      places.bases.push_back(number * rows * columns + row * (transposed ? 1 : columns));
    }
  }
  for (int64_t column = 0; column < columns; ++column) {
    places.offsets.push_back(column * (transposed ? rows : 1));
  }
  return places;
}

std::vector<int64_t> count_to(int64_t end) {
  std::vector<int64_t> numbers(static_cast<size_t>(end));
  std::iota(numbers.begin(), numbers.end(), int64_t{0});
  return numbers;
}

std::optional<Product> product(const Graph& graph, const Node& node, const MatMul& op) {
  const Shape &a = graph.type(node.inputs[0]).shape, &b = graph.type(node.inputs[1]).shape;
  const Shape& out = graph.type(node.outputs[0]).shape;
  const Shape batch = without_matrix(out), b_batch = without_matrix(b);
  Product product;
  product.batch = element_count(batch);
  product.m = out[out.size() - 2];
  product.n = out.back();
  product.k = a[a.size() - (op.transpose_a ? 2 : 1)];
  product.alpha = op.alpha;
  const bool shares_b = element_count(b_batch) == 1;
  const std::vector<int64_t> of_b = shares_b ? std::vector<int64_t>{0} : matrices(b_batch, batch);
  product.a = {node.inputs[0],
               matrix(product.m, product.k, op.transpose_a, matrices(without_matrix(a), batch))};
  product.b = {node.inputs[1], matrix(product.n, product.k, !op.transpose_b, of_b)};
  product.out = matrix(product.m, product.n, false, count_to(product.batch));
  if (shares_b) {  // the matrices of a below each other
    product.m *= product.batch;
    product.batch = product.a.elements.batch = product.out.batch = 1;
  }
  return product;
}

std::optional<Product> product(const Graph& graph, const Node& node, const nitro::Gemm& op) {
  const Shape &a = graph.type(node.inputs[0]).shape, &out = graph.type(node.outputs[0]).shape;
  Product product;
  product.m = out[0];
  product.n = out[1];
  product.k = a[op.transpose_a ? 0 : 1];
  product.alpha = op.alpha;
  product.a = {node.inputs[0], matrix(product.m, product.k, op.transpose_a, {0})};
  product.b = {node.inputs[1], matrix(product.n, product.k, !op.transpose_b, {0})};
  product.out = matrix(product.m, product.n, false, {0});
  if (node.inputs.size() < 3 || node.inputs[2] == kNoValue || op.beta == 0) return product;
  const ValueId c = node.inputs[2];
  const Shape& shape = graph.type(c).shape;
  const bool per_column =
      element_count(shape) == 1 || (shape.back() == product.n && element_count(shape) == product.n);
  if (const Tensor* constant = graph.constant(c); constant && per_column) {
    const std::vector<double> numbers = constant->as<double>();
    for (int64_t i = 0; i < product.n; ++i) {
      product.bias.push_back(op.beta * numbers[numbers.size() == 1 ? 0 : static_cast<size_t>(i)]);
    }
    return product;
  }
  if (op.beta != 1 || shape != out) return std::nullopt;
  product.residual = {c, product.out};
  return product;
}

/// The index along each axis of element `i` of a shape.
std::vector<int64_t> indices_of(int64_t i, const Shape& shape) {
  std::vector<int64_t> indices(shape.size());
  for (size_t axis = shape.size(); axis-- > 0; i /= shape[axis]) indices[axis] = i % shape[axis];
  return indices;
}

int64_t dot(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  int64_t sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// A convolution without padding: rows are places of the result, columns its channels.
std::optional<Product> product(const Graph& graph, const Node& node, const Conv& op) {
  const auto is_zero = [](int64_t pad) { return pad == 0; };
  if (op.group != 1 || !std::ranges::all_of(op.pads_before, is_zero) ||
      !std::ranges::all_of(op.pads_after, is_zero)) {
    return std::nullopt;
  }
  const Shape &x = graph.type(node.inputs[0]).shape, &w = graph.type(node.inputs[1]).shape;
  const Shape& out = graph.type(node.outputs[0]).shape;
  const Shape positions(out.begin() + 2, out.end()), taps(w.begin() + 2, w.end());
  const int64_t area = element_count(positions), window = element_count(taps), channels = out[1];
  const std::vector<int64_t> strides = strides_of(x);
  const std::vector<int64_t> spatial(strides.begin() + 2, strides.end());
  Product product;
  product.m = out[0] * area;
  product.n = channels;
  product.k = w[1] * window;
  MatrixPlaces patches;
  for (int64_t row = 0; row < product.m; ++row) {
    std::vector<int64_t> at = indices_of(row % area, positions);
    for (size_t i = 0; i < at.size(); ++i) at[i] *= op.strides[i];
    patches.bases.push_back(row / area * strides[0] + dot(at, spatial));
    product.out.bases.push_back(row / area * channels * area + row % area);
  }
  for (int64_t column = 0; column < product.k; ++column) {
    std::vector<int64_t> at = indices_of(column % window, taps);
    for (size_t i = 0; i < at.size(); ++i) at[i] *= op.dilations[i];
    patches.offsets.push_back(column / window * strides[1] + dot(at, spatial));
  }
  for (int64_t channel = 0; channel < channels; ++channel) {
    product.out.offsets.push_back(channel * area);
  }
  product.a = {node.inputs[0], std::move(patches)};
  product.b = {node.inputs[1], matrix(channels, product.k, false, {0})};
  if (node.inputs.size() < 3 || node.inputs[2] == kNoValue) return product;
  const Tensor* bias = graph.constant(node.inputs[2]);
  if (!bias) return std::nullopt;
  product.bias = bias->as<double>();
  return product;
}

}  // namespace

std::optional<Product> product_of(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!is_stored_float(graph, node.outputs[0])) return std::nullopt;
  std::optional<Product> result;
  if (const auto* mat_mul = std::get_if<MatMul>(&node.op)) result = product(graph, node, *mat_mul);
  if (const auto* gemm = std::get_if<nitro::Gemm>(&node.op)) result = product(graph, node, *gemm);
  if (const auto* conv = std::get_if<Conv>(&node.op)) result = product(graph, node, *conv);
  if (!result || graph.type(node.outputs[0]).elements() == 0 || result->k == 0) return std::nullopt;
  for (const MatrixPlaces& places : {result->a.elements, result->b.elements, result->out}) {
    if (run_of_view(places) == 0) return std::nullopt;
  }
  result->nodes = {id};
  result->sum = result->result = node.outputs[0];
  return result;
}

}  // namespace nitro::plan
