#include "predict/nas_bench_201.h"

#include <array>
#include <optional>

namespace nitro::predict {
namespace {

constexpr int kCellsPerStage = 5;
constexpr std::array<std::pair<int, int>, 6> kEdges = {
    {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}};

class Builder {
 public:
  explicit Builder(std::string_view cell) : cell_(cell) {}

  Result<Graph> build() {
    ValueId x = graph_.add_input("input", {DType::kF32, {1, 3, 32, 32}});
    x = TRY(convolution(x, 16, 3, 1));
    for (int64_t channels : {16, 32, 64}) {
      if (channels > 16) x = TRY(reduction(x, channels));
      for (int i = 0; i < kCellsPerStage; ++i) x = TRY(cell(x));
    }
    x = TRY(node(Unary{UnaryKind::kRelu}, {x}));
    x = TRY(node(Reduce{ReduceKind::kMean, {2, 3}, false}, {x}));
    x = TRY(node(Gemm{}, {x, weight({64, 10}), weight({10})}));
    graph_.set_outputs({x});
    return std::move(graph_);
  }

 private:
  Result<ValueId> node(Op op, std::vector<ValueId> inputs) {
    const std::vector<ValueId> outputs = TRY(graph_.add_node(std::move(op), std::move(inputs)));
    return outputs[0];
  }

  /// Each different from all others.
  ValueId weight(Shape shape) {
    Tensor tensor({DType::kF32, std::move(shape)});
    tensor.mutable_data<float>()[0] = static_cast<float>(++weights_);
    return graph_.add_constant(std::move(tensor));
  }

  Result<ValueId> convolution(ValueId x, int64_t channels, int64_t kernel, int64_t stride) {
    const Ints pads(2, kernel / 2);
    return node(
        Conv{{stride, stride}, {1, 1}, pads, pads, 1},
        {x, weight({channels, graph_.type(x).shape[1], kernel, kernel}), weight({channels})});
  }

  Result<ValueId> activated_convolution(ValueId x, int64_t channels, int64_t kernel,
                                        int64_t stride) {
    return convolution(TRY(node(Unary{UnaryKind::kRelu}, {x})), channels, kernel, stride);
  }

  Result<ValueId> average(ValueId x, int64_t kernel, int64_t stride, int64_t pad) {
    const int64_t size = (graph_.type(x).shape[2] + 2 * pad - kernel) / stride + 1;
    return node(Pool{.kind = PoolKind::kAverage,
                     .kernel = {kernel, kernel},
                     .strides = {stride, stride},
                     .dilations = {1, 1},
                     .pads_before = {pad, pad},
                     .pads_after = {pad, pad},
                     .out = {size, size}},
                {x});
  }

  /// The residual block between stages.
  Result<ValueId> reduction(ValueId x, int64_t channels) {
    const ValueId a = TRY(activated_convolution(x, channels, 3, 2));
    const ValueId b = TRY(activated_convolution(a, channels, 3, 1));
    const ValueId shortcut = TRY(convolution(TRY(average(x, 2, 2, 0)), channels, 1, 1));
    return node(Binary{BinaryKind::kAdd}, {b, shortcut});
  }

  /// What an edge makes of `x`; kNoValue: nothing.
  Result<ValueId> edge(char op, ValueId x) {
    const int64_t channels = x == kNoValue ? 0 : graph_.type(x).shape[1];
    if (x == kNoValue || op == '0') return kNoValue;
    if (op == '1') return x;
    if (op == '4') return average(x, 3, 1, 1);
    return activated_convolution(x, channels, op == '2' ? 1 : 3, 1);
  }

  Result<ValueId> cell(ValueId x) {
    std::array<ValueId, 4> nodes = {x, kNoValue, kNoValue, kNoValue};
    for (size_t i = 0; i < kEdges.size(); ++i) {
      const auto [from, to] = kEdges[i];
      const ValueId made = TRY(edge(cell_[i], nodes[static_cast<size_t>(from)]));
      ValueId& sum = nodes[static_cast<size_t>(to)];
      if (made != kNoValue)
        sum = sum == kNoValue ? made : TRY(node(Binary{BinaryKind::kAdd}, {sum, made}));
    }
    // A cell that leads nowhere gives zeros; what comes after it is what counts.
    return nodes[3] == kNoValue ? node(Clip{0, 0}, {x}) : Result<ValueId>(nodes[3]);
  }

  std::string_view cell_;
  Graph graph_;
  int64_t weights_ = 0;
};

}  // namespace

Result<Graph> nas_bench_201(std::string_view cell) {
  if (cell.size() != kEdges.size() || cell.find_first_not_of("01234") != std::string_view::npos)
    return fail(ErrorCode::kUsage, "a cell of NAS-Bench-201 has six digits from 0 to 4");
  return Builder(cell).build();
}

}  // namespace nitro::predict
