#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "passes/lossy/matrix.h"
#include "passes/rewriter.h"

namespace nitro::passes {

/// A linear layer on the last axis in the forms that exporters and exact passes write: MatMul or
/// Gemm by a constant, and the Add of a constant vector to a MatMul that nothing else reads.
struct Dense {
  const Node* product = nullptr;
  const Node* add = nullptr;  // or nullptr
  ValueId x = kNoValue;
  ValueId y = kNoValue;  // with the bias
  std::string name;      // unique: its module, else the name of its node, else of its output

  std::vector<const Node*> nodes() const;
};

/// The linear layers of a graph.
class DenseLayers {
 public:
  explicit DenseLayers(const Graph& graph);

  /// In execution order.
  const std::vector<Dense>& all() const { return layers_; }
  /// The layer whose result `y` is; nullptr where there is none.
  const Dense* making(ValueId y) const;
  /// [in, out], with the factor of a Gemm.
  Matrix weight(const Dense& layer) const;
  /// [out]; zeros where it has none.
  std::vector<double> bias(const Dense& layer) const;
  const Graph& graph() const { return graph_; }

 private:
  void find(const Node& node, const std::vector<uint32_t>& uses);

  const Graph& graph_;
  std::vector<Dense> layers_;
  std::map<ValueId, size_t> by_output_;
};

/// Other parameters for a layer, in the types of its own.
struct DenseParameters {
  Matrix weight;             // [in, out]
  std::vector<double> bias;  // [out]
};

/// Emits what `node`, one of the nodes of `layer`, becomes with `parameters`. The product reads
/// `x` of the result, where given.
Result<void> emit_dense(Rewriter& rewriter, const Node& node, const Dense& layer,
                        const DenseParameters& parameters, ValueId x = kNoValue);

/// A constant [rows, columns], or of the vector, in `dtype`.
Tensor to_tensor(const Matrix& matrix, DType dtype);
Tensor to_tensor(const std::vector<double>& vector, DType dtype);

}  // namespace nitro::passes
