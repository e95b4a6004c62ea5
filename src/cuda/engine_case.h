#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.h"

namespace nitro::cuda {

/// Writes plans of loops for tests of the engine. Every buffer is f32 of one shape.
class EngineCase {
 public:
  explicit EngineCase(int64_t elements) : elements_(elements) { plan.name = "case"; }

  plan::BufferId input() { return port(plan::Buffer::Kind::kInput, plan.inputs); }
  plan::BufferId output() { return port(plan::Buffer::Kind::kOutput, plan.outputs); }
  plan::BufferId constant(const std::vector<double>& values) {
    const plan::BufferId id = add(plan::Buffer::Kind::kConstant, plan.constant_bytes);
    plan.buffers[id].constant = Tensor::of(DType::kF32, {elements_}, values);
    plan.constant_bytes += padded();
    return id;
  }
  plan::BufferId arena() {
    const plan::BufferId id = add(plan::Buffer::Kind::kArena, plan.arena_bytes);
    plan.arena_bytes += padded();
    return id;
  }
  /// A step with `body`, whose results are the last of its parameters.
  void step(std::string body, std::vector<plan::BufferId> reads, plan::BufferId write) {
    plan::Loop loop;
    loop.elements = elements_;
    loop.body = std::move(body);
    loop.reads = std::move(reads);
    loop.writes = {write};
    plan.steps.push_back({fmt::format("step {}", plan.steps.size()), std::move(loop), {}});
  }

  plan::Plan plan;

 private:
  plan::BufferId add(plan::Buffer::Kind kind, int64_t place) {
    plan.buffers.push_back({kind, {DType::kF32, {elements_}}, place});
    return static_cast<plan::BufferId>(plan.buffers.size() - 1);
  }
  plan::BufferId port(plan::Buffer::Kind kind, std::vector<plan::Port>& ports) {
    const plan::BufferId id = add(kind, static_cast<int64_t>(ports.size()));
    ports.push_back({fmt::format("port{}", id), id});
    return id;
  }
  int64_t padded() const {
    return (4 * elements_ + plan::kAlignment - 1) / plan::kAlignment * plan::kAlignment;
  }

  int64_t elements_;
};

}  // namespace nitro::cuda
