#include "zoo/module_builder.h"

namespace nitro::zoo {

ModuleBuilder ModuleBuilder::child(std::string_view name) const {
  ModuleBuilder result = *this;
  result.scope_ = fmt::format("{}/{}", scope_, name);
  result.module_ = path(name);
  return result;
}

ModuleBuilder ModuleBuilder::item(std::string_view list, int64_t index) const {
  return child(fmt::format("{}.{}", list, index));
}

ModuleBuilder ModuleBuilder::sequential_item(std::string_view sequential, int64_t index) const {
  ModuleBuilder result = item(sequential, index);
  result.scope_ = fmt::format("{}/{}/{}.{}", scope_, sequential, sequential, index);
  return result;
}

Result<ValueId> ModuleBuilder::emit(Op op, std::vector<ValueId> inputs) const {
  const std::string base = fmt::format("{}/{}", scope_, display_name(op));
  const int64_t earlier = model_.node_names[base]++;
  const std::string node = earlier == 0 ? base : fmt::format("{}_{}", base, earlier);
  const OriginId origin = model_.graph.add_origin({node, module_});
  const std::vector<ValueId> results = TRY(in_context(
      model_.graph.add_node(std::move(op), std::move(inputs), {origin}, {node + "_output_0"}),
      node));
  return results.front();
}

Result<Tensor> ModuleBuilder::values(std::string_view name, Shape shape, ParameterKind kind) const {
  return model_.weights.parameter(path(name), std::move(shape), kind);
}

Result<ValueId> ModuleBuilder::parameter(std::string_view name, Shape shape,
                                         ParameterKind kind) const {
  return constant(TRY(values(name, std::move(shape), kind)), name);
}

ValueId ModuleBuilder::constant(Tensor tensor, std::string_view name) const {
  return model_.graph.add_constant(std::move(tensor), name.empty() ? std::string() : path(name));
}

std::string ModuleBuilder::path(std::string_view name) const {
  return module_.empty() ? std::string(name) : fmt::format("{}.{}", module_, name);
}

}  // namespace nitro::zoo
