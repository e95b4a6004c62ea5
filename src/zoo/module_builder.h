#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "zoo/weights.h"

namespace nitro::zoo {

/// What all modules of one model append to.
struct ModelBuilder {
  Graph graph;
  WeightSource& weights;
  std::map<std::string, int64_t, std::less<>> node_names;  // how often each was wanted
};

/// One module of the PyTorch tree under construction. Its nodes and parameters are named as
/// PyTorch's exporter names them: "/layers.0/blocks.1/attn/MatMul_1" and
/// "layers.0.blocks.1.attn.qkv.bias".
class ModuleBuilder {
 public:
  explicit ModuleBuilder(ModelBuilder& model) : model_(model) {}

  ModuleBuilder child(std::string_view name) const;
  /// Item `index` of a ModuleList, which has no scope of its own.
  ModuleBuilder item(std::string_view list, int64_t index) const;
  /// Item `index` of a Sequential, which has one.
  ModuleBuilder sequential_item(std::string_view sequential, int64_t index) const;

  /// Appends a node; its only or first result.
  Result<ValueId> emit(Op op, std::vector<ValueId> inputs) const;
  /// The values of the parameter `name` of this module, `shape` in PyTorch's layout.
  Result<Tensor> values(std::string_view name, Shape shape, ParameterKind kind) const;
  /// The same as a constant.
  Result<ValueId> parameter(std::string_view name, Shape shape, ParameterKind kind) const;
  /// A constant that is no parameter; `name` may be empty.
  ValueId constant(Tensor tensor, std::string_view name = {}) const;

  Shape shape(ValueId value) const { return model_.graph.type(value).shape; }

 private:
  std::string path(std::string_view name) const;

  ModelBuilder& model_;
  std::string scope_;   // "/layers.0/blocks.1"
  std::string module_;  // "layers.0.blocks.1"
};

}  // namespace nitro::zoo
