#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "cuda/program_families.h"
#include "cuda/testing.h"
#include "plan/element.h"
#include "reference/executor.h"

namespace nitro::cuda {

/// Random elements that fit the dtype: floats normal, integers within 100 of 0 or, of u8, any.
inline Tensor some(Random& random, Shape shape, DType dtype = DType::kF32, double scale = 2) {
  std::vector<double> values(static_cast<size_t>(element_count(shape)));
  for (double& value : values) {
    if (is_float(dtype)) {
      value = scale * random.normal();
    } else if (dtype == DType::kBool) {
      value = static_cast<double>(random.below(2));
    } else {
      value =
          static_cast<double>(dtype == DType::kU8 ? random.below(256) : random.below(200) - 100);
    }
  }
  return Tensor::of(dtype, std::move(shape), values);
}

/// Random integers in [low, high).
inline Tensor integers_within(Random& random, Shape shape, int64_t low, int64_t high,
                              DType dtype = DType::kI64) {
  std::vector<int64_t> values(static_cast<size_t>(element_count(shape)));
  for (int64_t& value : values) value = low + random.below(high - low);
  return Tensor::of(dtype, std::move(shape), values);
}

/// Fusions to be run on the processor and compared with the reference, all compiled at once.
class LoopCases {
 public:
  /// One node on `inputs`, absent where nothing is given; integers are given as constants if
  /// `fixed`.
  void add(const std::string& name, const Op& op,
           const std::vector<std::optional<Tensor>>& inputs) {
    Graph graph;
    std::vector<ValueId> operands;
    std::vector<Tensor> given;
    for (const auto& input : inputs) {
      operands.push_back(input ? graph.add_input("x", input->type()) : kNoValue);
      if (input) given.push_back(*input);
    }
    const auto outputs = graph.add_node(op, operands);
    ASSERT_TRUE(outputs) << name << ": " << outputs.error().text();
    graph.set_outputs(*outputs);
    add_graph(name, graph, given);
  }

  /// All nodes of a graph as one fusion for each size of its outputs.
  void add_graph(const std::string& name, const Graph& graph, const std::vector<Tensor>& inputs) {
    std::vector<NodeId> nodes;
    for (NodeId id = 0; id < graph.nodes().size(); ++id) nodes.push_back(id);
    std::map<ValueId, Tensor> values;
    for (size_t i = 0; i < inputs.size(); ++i) values[graph.inputs()[i]] = inputs[i];
    const auto wanted = reference::execute(graph, inputs);
    ASSERT_TRUE(wanted) << name << ": " << wanted.error().text();
    for (size_t i = 0; i < wanted->size(); ++i) values[graph.outputs()[i]] = (*wanted)[i];
    add_fusion(name, graph, nodes, graph.outputs(), values);
  }

  /// `nodes` as one fusion for each size of `results`; `values` has what they read and compute.
  void add_fusion(const std::string& name, const Graph& graph, const std::vector<NodeId>& nodes,
                  const std::vector<ValueId>& results, const std::map<ValueId, Tensor>& values) {
    std::map<int64_t, plan::Fusion> by_size;
    for (ValueId result : results) {
      plan::Fusion& fusion = by_size[graph.type(result).elements()];
      fusion.nodes = nodes;
      fusion.results.push_back(result);
    }
    for (const auto& [size, fusion] : by_size) add_loop(name, graph, fusion, values);
  }

  /// Compiles, runs and compares; f64 as f32, which all is computed in; floats within `tolerance`
  /// (of f16 and bf16, of their rounding) times one more than their size.
  void expect_all(double tolerance = 2e-5) {
    std::vector<Program> programs;
    for (const Case& each : cases_) programs.push_back(each.program);
    const auto compiled = EmulatedPrograms::compile(programs);
    ASSERT_TRUE(compiled) << compiled.error().text();
    for (size_t i = 0; i < cases_.size(); ++i) expect(cases_[i], *compiled, i, tolerance);
  }

  /// From now on f32 values are stored as f16, as a plan of that precision does.
  void store_halves() { halves_ = true; }

  size_t size() const { return cases_.size(); }
  int failures() const { return failures_; }

 private:
  struct Case {
    std::string name;
    plan::Plan plan;
    plan::Loop loop;
    Program program;
    std::vector<Tensor> contents;  // of each buffer; of results, what is wanted
  };

  plan::BufferId add_buffer(Case& made, const Tensor& tensor) const {
    const bool half = halves_ && tensor.dtype() == DType::kF32;
    const Tensor stored =
        half ? Tensor::of(DType::kF16, tensor.shape(), tensor.as<double>()) : tensor;
    made.plan.buffers.push_back({plan::Buffer::Kind::kInput, stored.type(), 0});
    made.contents.push_back(stored);
    return static_cast<plan::BufferId>(made.plan.buffers.size() - 1);
  }

  void add_loop(const std::string& name, const Graph& graph, const plan::Fusion& fusion,
                const std::map<ValueId, Tensor>& values) {
    Case made{name, {}, {}, {}, {}};
    std::map<ValueId, plan::BufferId> known;
    const auto buffer_of = [&](ValueId value) {
      const auto [place, fresh] = known.try_emplace(value, plan::kNoBuffer);
      if (!fresh) return place->second;
      const Tensor* constant = graph.constant(value);
      return place->second = add_buffer(made, constant ? *constant : values.at(value));
    };
    std::vector<plan::BufferId> results;
    for (ValueId result : fusion.results) results.push_back(add_buffer(made, values.at(result)));
    const auto loop = plan::make_loop(graph, fusion, buffer_of, results, made.plan.buffers);
    ASSERT_TRUE(loop) << name << ": " << loop.error().text();
    made.loop = *loop;
    made.program = program_of(made.plan, made.loop, target_of(90)).value();
    cases_.push_back(std::move(made));
  }

  void expect(const Case& each, const EmulatedPrograms& programs, size_t i, double tolerance) {
    SCOPED_TRACE(each.name + "\n" + each.loop.functions + each.loop.body);
    std::vector<GuardedMemory> memory;
    std::vector<void*> arguments;
    const auto add = [&](plan::BufferId buffer, bool read) {
      const Tensor& content = each.contents[buffer];
      const GuardedMemory& fresh = memory.emplace_back(content.type().bytes());
      if (read) std::memcpy(fresh.data(), content.bytes().data(), content.bytes().size());
      arguments.push_back(fresh.data());
    };
    for (plan::BufferId buffer : each.loop.reads) add(buffer, true);
    for (plan::BufferId buffer : each.loop.writes) add(buffer, false);
    const Result<void> ran = programs.run(i, arguments);
    ASSERT_TRUE(ran) << ran.error().text();
    for (size_t k = 0; k < each.loop.writes.size(); ++k) {
      const Tensor& wanted = each.contents[each.loop.writes[k]];
      Tensor got(wanted.type());
      std::memcpy(got.mutable_bytes().data(), arguments[each.loop.reads.size() + k],
                  got.bytes().size());
      compare(wanted, got, tolerance);
    }
  }

  void compare(const Tensor& wanted, const Tensor& got, double tolerance) {
    if (wanted.dtype() == DType::kF16) tolerance = 1e-3;
    if (wanted.dtype() == DType::kBF16) tolerance = 8e-3;
    if (!is_float(wanted.dtype())) tolerance = 0;
    std::vector<double> a = wanted.as<double>();
    for (double& x : a) {
      if (wanted.dtype() == DType::kF64) x = static_cast<double>(static_cast<float>(x));
    }
    const std::vector<double> b = got.as<double>();
    for (size_t i = 0; i < a.size(); ++i) {
      const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])) ||
                        std::abs(a[i] - b[i]) <= tolerance * (1 + std::abs(a[i]));
      if (same) continue;
      ++failures_;
      ADD_FAILURE() << "element " << i << " of " << text(wanted.type()) << " is " << b[i]
                    << " instead of " << a[i];
      return;
    }
  }

  std::vector<Case> cases_;
  int failures_ = 0;
  bool halves_ = false;
};

}  // namespace nitro::cuda
