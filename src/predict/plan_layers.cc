#include "predict/plan_layers.h"

#include "predict/product_sizes.h"

namespace nitro::predict {
namespace {

ProductSizes sizes_of(const plan::Gemm& gemm) {
  return {.batch = gemm.batch, .rows = gemm.m, .columns = gemm.n, .inner = gemm.k};
}

/// Both of its products: a row of scores, and of results.
ProductSizes sizes_of(const plan::Attention& attention) {
  return {.batch = attention.batch * attention.heads,
          .rows = attention.queries,
          .columns = attention.keys,
          .inner = attention.head_dim + attention.value_dim};
}

void set_kind(Layer& layer, const plan::Gemm& gemm, const plan::Plan& plan) {
  const auto is_constant = [&](const plan::MatrixView& view) {
    return plan.buffers[view.buffer].kind == plan::Buffer::Kind::kConstant;
  };
  layer.product = sizes_of(gemm);
  layer.family =
      is_constant(gemm.a) || is_constant(gemm.b) ? family_of(layer.product) : Family::kProduct;
}

void set_kind(Layer& layer, const plan::Attention& attention, const plan::Plan&) {
  layer.product = sizes_of(attention);
  layer.family = Family::kProduct;
}

void set_kind(Layer& layer, const plan::WindowAttention& window, const plan::Plan&) {
  layer.product = sizes_of(window.projection);
  layer.family = Family::kProduct;
}

/// Its weights are constant.
void set_kind(Layer& layer, const plan::PooledHead& head, const plan::Plan&) {
  layer.product = sizes_of(head.product);
  layer.family = family_of(layer.product);
}

/// A loop of many FLOPs for each result is a convolution or a product that has no kernel of its
/// own: plain FP32, as depthwise convolutions.
constexpr double kManyFlops = 8;

void set_kind(Layer& layer, const plan::Loop& loop, const plan::Plan&) {
  const bool many = layer.flops > kManyFlops * layer.elements_written;
  layer.family = many             ? Family::kDepthwise
                 : loop.lanes > 1 ? Family::kReduce
                                  : Family::kElementwise;
}

/// In elements of two bytes or, in a plan of f32, of four.
void set_traffic(Layer& layer, const plan::Step& step, const plan::Plan& plan) {
  const double element_bytes = plan.precision == plan::Precision::kF32 ? 4 : 2;
  double constant_bytes = 0;
  for (plan::BufferId id : plan::reads(step.kernel)) {
    const plan::Buffer& buffer = plan.buffers[id];
    if (buffer.kind == plan::Buffer::Kind::kConstant)
      constant_bytes += static_cast<double>(buffer.type.bytes());
  }
  layer.weights_read = constant_bytes / element_bytes;
  layer.elements_read = std::max(0.0, step.cost.bytes_read - constant_bytes) / element_bytes;
  layer.elements_written = step.cost.bytes_written / element_bytes;
  if (std::holds_alternative<plan::Loop>(step.kernel))  // reads of a table that it gathers from
    layer.weights_read = std::min(layer.weights_read, layer.elements_read + layer.elements_written);
}

}  // namespace

std::vector<Layer> plan_layers(const plan::Plan& plan) {
  std::vector<Layer> layers;
  for (const plan::Step& step : plan.steps) {
    Layer& layer = layers.emplace_back();
    set_traffic(layer, step, plan);
    layer.flops = step.cost.flops;
    std::visit([&](const auto& kernel) { set_kind(layer, kernel, plan); }, step.kernel);
    layer.ops = step.name;
    layer.origins = step.origins;
  }
  return layers;
}

}  // namespace nitro::predict
