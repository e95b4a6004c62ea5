#pragma once

#include <optional>
#include <vector>

#include "plan/lowering.h"

namespace nitro::plan {

/// An operand of a product: the elements of a value that are those of the matrix.
struct Operand {
  ValueId value = kNoValue;
  MatrixPlaces elements;
};

struct RowNormalization {
  double epsilon = 0;
  std::vector<double> scale;  // [k]
  std::vector<double> shift;  // [k]
};

/// b, and a unless it is of floats, as 8-bit integers: a number is (integer - zero) * scale.
struct Integers {
  double a_scale = 1;
  double a_zero = 0;
  std::vector<double> b_scales;  // of each column; where b is no constant, one
  std::vector<double> b_zeros;   // the same
};

/// How results become 8-bit integers (Gemm::quantum).
struct Quantum {
  double scale = 1;
  int64_t zero = 0;
};

/// Nodes that one Gemm step computes: a product, the LayerNorm of its rows or what makes numbers of
/// its integer operands, what is done to each element of its result, and the movement after that.
struct Product {
  std::vector<NodeId> nodes;
  int64_t batch = 1;
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  double alpha = 1;
  Operand a;  // [m, k]
  Operand b;  // [n, k]
  std::optional<RowNormalization> normalization = {};
  std::optional<Integers> integers = {};  // with it, a and b are those of the integers
  std::vector<double> gain = {};          // of each column, with the bias; empty: 1
  std::vector<double> bias = {};          // empty: 0
  Activation activation = Activation::kNone;
  Operand residual = {};  // no value: none
  std::optional<Quantum> quantum = {};
  ValueId sum = kNoValue;            // what the product and all element-wise work give …
  MatrixPlaces out;                  // … and its elements that are those of the matrix
  ValueId result = kNoValue;         // `sum` after movement
  std::vector<int64_t> places = {};  // of the elements of `sum` in `result`; empty: the same
};

/// The product that `node` is, alone.
std::optional<Product> product_of(const Graph& graph, NodeId node);

/// Takes the DequantizeLinear of b, or of a and b, into the product where it can multiply the
/// integers instead.
void take_integers(const Lowering& lowering, Product& product);

/// Takes the LayerNorm of the rows of a into the product.
void take_normalization(const Lowering& lowering, Product& product);

/// Takes the work on each element of the result into the product. `is_free` tells whether a node
/// belongs to no step yet.
void take_epilogue(const Lowering& lowering, const std::function<bool(NodeId)>& is_free,
                   Product& product);

/// Appends the step.
Result<void> lower_product(Lowering& lowering, const Product& product);

}  // namespace nitro::plan
