#include "plan/testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "reference/evaluate.h"

namespace nitro::plan {
namespace {

/// The numbers of a buffer that a view reads or writes.
class Matrix {
 public:
  Matrix(const Plan& plan, const HostMemory& memory, const MatrixView& view)
      : view_(view), numbers_(memory.read(view.buffer).as<double>()) {
    if (view.bases != kNoBuffer) bases_ = plan.buffers[view.bases].constant->as<int64_t>();
    if (view.offsets != kNoBuffer) offsets_ = plan.buffers[view.offsets].constant->as<int64_t>();
  }
  double& at(int64_t batch, int64_t row, int64_t column) {
    const int64_t base = bases_.empty() ? row * view_.row_stride : bases_[static_cast<size_t>(row)];
    const int64_t offset =
        offsets_.empty() ? column * view_.column_stride : offsets_[static_cast<size_t>(column)];
    return numbers_.at(static_cast<size_t>(batch * view_.batch_stride + base + offset));
  }
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  MatrixView view_;
  std::vector<double> numbers_;
  std::vector<int64_t> bases_;
  std::vector<int64_t> offsets_;
};

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kHardSwish:
      return x * std::min(std::max(x / 6 + 0.5, 0.0), 1.0);
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

void normalize(std::vector<double>& row, double epsilon) {
  double mean = 0, variance = 0;
  for (double x : row) mean += x / static_cast<double>(row.size());
  for (double x : row) variance += (x - mean) * (x - mean) / static_cast<double>(row.size());
  for (double& x : row) x = (x - mean) / std::sqrt(variance + epsilon);
}

void run(const Plan& plan, const Gemm& gemm, HostMemory& memory) {
  Matrix a(plan, memory, gemm.a), b(plan, memory, gemm.b), out(plan, memory, gemm.out);
  std::optional<Matrix> residual;
  if (gemm.residual.buffer != kNoBuffer) residual.emplace(plan, memory, gemm.residual);
  std::vector<double> bias(static_cast<size_t>(gemm.n), 0);
  if (gemm.bias != kNoBuffer) bias = memory.read(gemm.bias).as<double>();
  std::vector<double> scales(static_cast<size_t>(gemm.n), 1);
  if (gemm.column_scales != kNoBuffer) scales = memory.read(gemm.column_scales).as<double>();
  const bool is_signed = plan.buffers[gemm.out.buffer].type.dtype == DType::kI8;
  std::vector<double> row(static_cast<size_t>(gemm.k));
  for (int64_t batch = 0; batch < gemm.batch; ++batch) {
    for (int64_t i = 0; i < gemm.m; ++i) {
      for (int64_t c = 0; c < gemm.k; ++c) row[static_cast<size_t>(c)] = a.at(batch, i, c);
      if (gemm.normalize) normalize(row, gemm.epsilon);
      for (int64_t j = 0; j < gemm.n; ++j) {
        double sum = 0;
        for (int64_t c = 0; c < gemm.k; ++c) sum += row[static_cast<size_t>(c)] * b.at(batch, j, c);
        const auto column = static_cast<size_t>(j);
        sum = activated(gemm.activation, gemm.alpha * scales[column] * sum + bias[column]);
        double& result = out.at(batch, i, j);
        result = sum + (residual ? residual->at(batch, i, j) : 0);
        if (gemm.quantum == 0) continue;
        result = std::nearbyint(result / gemm.quantum) + static_cast<double>(gemm.zero);
        result = std::clamp(result, is_signed ? -128.0 : 0.0, is_signed ? 127.0 : 255.0);
      }
    }
  }
  memory.write(gemm.out.buffer, out.numbers());
}

struct Heads {
  HeadView view;
  std::vector<double> numbers;
  double& at(int64_t batch, int64_t head, int64_t token, int64_t channel) {
    return numbers.at(static_cast<size_t>(view.start + batch * view.batch_stride +
                                          head * view.head_stride + token * view.token_stride +
                                          channel));
  }
};

void run(const Plan&, const Attention& of, HostMemory& memory) {
  const auto heads = [&](const HeadView& view) {
    return Heads{view, memory.read(view.buffer).as<double>()};
  };
  Heads q = heads(of.q), k = heads(of.k), v = heads(of.v), out = heads(of.out);
  std::vector<double> bias;
  if (of.bias != kNoBuffer) bias = memory.read(of.bias).as<double>();
  for (int64_t b = 0; b < of.batch; ++b) {
    for (int64_t h = 0; h < of.heads; ++h) {
      const int64_t shared = h / (of.heads / of.key_heads);
      for (int64_t i = 0; i < of.queries; ++i) {
        const int64_t keys = of.causal ? std::min(of.keys, i + 1) : of.keys;
        std::vector<double> scores;
        for (int64_t j = 0; j < keys; ++j) {
          double score = 0;
          for (int64_t c = 0; c < of.head_dim; ++c)
            score += q.at(b, h, i, c) * k.at(b, shared, j, c);
          score *= of.scale;
          if (of.softcap != 0) score = of.softcap * std::tanh(score / of.softcap);
          if (!bias.empty()) {
            score += bias.at(static_cast<size_t>(
                b % of.bias_batches * of.bias_batch_stride + h * of.bias_head_stride +
                i * of.bias_query_stride + j * of.bias_key_stride));
          }
          scores.push_back(score);
        }
        const double most = *std::ranges::max_element(scores);
        double sum = 0;
        for (double& score : scores) sum += score = std::exp(score - most);
        for (int64_t c = 0; c < of.value_dim; ++c) {
          double mixed = 0;
          for (int64_t j = 0; j < keys; ++j)
            mixed += scores[static_cast<size_t>(j)] / sum * v.at(b, shared, j, c);
          out.at(b, h, i, c) = mixed;
        }
      }
    }
  }
  memory.write(of.out.buffer, out.numbers);
}

}  // namespace

HostMemory::HostMemory(const Plan& plan, std::span<const Tensor> inputs)
    : plan_(plan),
      arena_(static_cast<size_t>(plan.arena_bytes), std::byte{0xFF}),
      own_(plan.buffers.size()) {
  for (size_t i = 0; i < plan.buffers.size(); ++i) {
    const Buffer& buffer = plan.buffers[i];
    if (buffer.kind == Buffer::Kind::kArena) {
      data_.push_back(arena_.data() + buffer.place);
      continue;
    }
    own_[i].assign(static_cast<size_t>(buffer.type.bytes()), std::byte{0xFF});
    const Tensor* content = nullptr;
    if (buffer.kind == Buffer::Kind::kConstant) content = &*buffer.constant;
    if (buffer.kind == Buffer::Kind::kInput) content = &inputs[static_cast<size_t>(buffer.place)];
    if (content) own_[i].assign(content->bytes().begin(), content->bytes().end());
    data_.push_back(own_[i].data());
  }
}

Tensor HostMemory::read(BufferId buffer) const {
  Tensor tensor(plan_.buffers[buffer].type);
  const auto bytes = tensor.mutable_bytes();
  if (!bytes.empty()) std::memcpy(bytes.data(), data_[buffer], bytes.size());
  return tensor;
}

void HostMemory::write(BufferId buffer, const std::vector<double>& numbers) {
  const TensorType& type = plan_.buffers[buffer].type;
  const Tensor tensor = Tensor::of(type.dtype, type.shape, numbers);
  // Memory of nothing has no address, which memcpy() wants even then.
  if (!tensor.bytes().empty()) {
    std::memcpy(data_[buffer], tensor.bytes().data(), tensor.bytes().size());
  }
}

std::vector<Tensor> execute(const Plan& plan, std::span<const Tensor> inputs,
                            const RunLoop& run_loop) {
  HostMemory memory(plan, inputs);
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Kernel& kernel = plan.steps[i].kernel;
    if (const auto* gemm = std::get_if<Gemm>(&kernel)) run(plan, *gemm, memory);
    if (const auto* attention = std::get_if<Attention>(&kernel)) run(plan, *attention, memory);
    if (std::holds_alternative<Loop>(kernel)) run_loop(i, memory);
  }
  std::vector<Tensor> outputs;
  for (const Port& port : plan.outputs) outputs.push_back(memory.read(port.buffer));
  return outputs;
}

RunLoop loops_by_reference(Lowering& lowering) {
  return [&lowering](size_t step, HostMemory& memory) {
    const Graph& graph = lowering.graph();
    const Fusion& fusion = lowering.fusions()[step];
    const Loop& loop = std::get<Loop>(lowering.plan().steps[step].kernel);
    if (fusion.nodes.empty()) {  // a copy
      memory.write(loop.writes[0], memory.read(loop.reads[0]).as<double>());
      return;
    }
    std::map<ValueId, Tensor> values;
    for (NodeId id : fusion.nodes) {
      const Node& node = graph.node(id);
      std::vector<const Tensor*> operands;
      for (ValueId input : node.inputs) {
        if (input != kNoValue && !values.contains(input)) {
          const TensorType& type = graph.type(input);
          values[input] = graph.constant(input)
                              ? *graph.constant(input)
                              : Tensor::of(type.dtype, type.shape,
                                           memory.read(lowering.buffers().at(input)).as<double>());
        }
        operands.push_back(input == kNoValue ? nullptr : &values[input]);
      }
      auto results = reference::evaluate_op(node.op, operands);
      ASSERT_TRUE(results.has_value()) << results.error().text();
      for (size_t i = 0; i < results->size(); ++i) values[node.outputs[i]] = (*results)[i];
    }
    for (size_t i = 0; i < fusion.results.size(); ++i) {
      memory.write(loop.writes[i], values.at(fusion.results[i]).as<double>());
    }
  };
}

}  // namespace nitro::plan
