#include "cuda/sample_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"

namespace nitro::cuda {
namespace {

using plan::BufferId;
using plan::MatrixView;

std::vector<int64_t> shuffled(int64_t count, Random& random) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<size_t>(random.below(static_cast<int64_t>(i)))]);
  }
  return order;
}

/// Where the rows of a matrix in panels start.
std::vector<int64_t> panel_starts(int64_t rows, int64_t columns, int64_t panel) {
  std::vector<int64_t> starts;
  for (int64_t row = 0; row < rows; ++row) {
    starts.push_back(row / panel * panel * columns + row % panel * 8);
  }
  return starts;
}

class Builder {
 public:
  explicit Builder(uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }

  BufferId constant(Tensor tensor) {
    const int64_t place = plan_.constant_bytes;
    plan_.constant_bytes += rounded(tensor.type().bytes());
    const TensorType type = tensor.type();
    return add({plan::Buffer::Kind::kConstant, type, place, std::move(tensor)});
  }
  BufferId numbers(DType dtype, int64_t count, double scale, double mean = 0) {
    std::vector<double> values(static_cast<size_t>(count));
    for (double& value : values) {
      value = is_byte(dtype)
                  ? static_cast<double>(random_.below(256) - (dtype == DType::kI8 ? 128 : 0))
                  : mean + scale * random_.normal();
    }
    return constant(Tensor::of(dtype, {count}, values));
  }
  BufferId table(const std::vector<int64_t>& values) {
    return constant(Tensor::of(DType::kI32, {static_cast<int64_t>(values.size())}, values));
  }
  BufferId result(DType dtype, int64_t count) {
    const BufferId id = add({plan::Buffer::Kind::kOutput, {dtype, {count}}, 0});
    plan_.outputs.push_back({"y", id});
    return id;
  }

  /// A view without its buffer, and how many elements that needs.
  MatrixView view(const SampleMatrix& matrix, int64_t batch, int64_t rows, int64_t columns,
                  int64_t& elements) {
    MatrixView view;
    view.run = std::min<int64_t>(matrix.run, 8);
    while (columns % view.run != 0) view.run /= 2;
    if (matrix.layout == Layout::kPanels || matrix.layout == Layout::kPanelTable) {
      const int64_t panel = matrix.panel_rows;
      view.panel_rows = panel;
      elements = (rows + panel - 1) / panel * panel * columns;
      if (matrix.layout == Layout::kPanelTable) view.bases = panel_table(rows, columns, panel);
      return view;
    }
    view.row_stride = columns;
    if (matrix.layout == Layout::kTransposed) {
      view.run = 1;
      view.row_stride = 1;
      view.column_stride = rows + 3;
      elements = columns * view.column_stride;
    } else {
      if (matrix.layout != Layout::kDense) view.row_stride += 3 * view.run;
      elements = rows * view.row_stride;
    }
    view.batch_stride = elements;
    if (matrix.layout == Layout::kRowTable || matrix.layout == Layout::kTables) {
      std::vector<int64_t> bases = shuffled(rows, random_);
      for (int64_t& base : bases) base *= view.row_stride;
      view.bases = table(bases);
    }
    if (matrix.layout == Layout::kTables) view.offsets = table(runs(columns, view.run));
    elements *= batch;
    return view;
  }
  BufferId panel_table(int64_t rows, int64_t columns, int64_t panel) {
    const std::vector<int64_t> starts = panel_starts(rows, columns, panel);
    std::vector<int64_t> mixed;
    for (int64_t row : shuffled(rows, random_)) mixed.push_back(starts[static_cast<size_t>(row)]);
    return table(mixed);
  }
  MatrixView operand(const SampleMatrix& matrix, int64_t batch, int64_t rows, int64_t columns,
                     double scale, double mean = 0) {
    int64_t elements = 0;
    MatrixView made = view(matrix, batch, rows, columns, elements);
    made.buffer = numbers(matrix.dtype, elements, scale, mean);
    return made;
  }

  SampleStep finish(std::string name, plan::Kernel kernel) {
    plan_.name = name;
    plan_.precision = plan::Precision::kF16;
    plan_.steps.push_back({name, std::move(kernel), {}});
    return {std::move(name), std::move(plan_)};
  }
  plan::Plan& made() { return plan_; }

 private:
  static int64_t rounded(int64_t bytes) {
    return (bytes + plan::kAlignment - 1) / plan::kAlignment * plan::kAlignment;
  }
  BufferId add(plan::Buffer buffer) {
    plan_.buffers.push_back(std::move(buffer));
    return static_cast<BufferId>(plan_.buffers.size() - 1);
  }
  std::vector<int64_t> runs(int64_t columns, int64_t run) {
    std::vector<int64_t> offsets;
    for (int64_t start : shuffled(columns / run, random_)) {
      for (int64_t i = 0; i < run; ++i) offsets.push_back(start * run + i);
    }
    return offsets;
  }

  Random random_;
  plan::Plan plan_;
};

/// The sum of each row of b.
BufferId column_sums(Builder& builder, const plan::Gemm& gemm) {
  const std::vector<double> b = builder.made().buffers[gemm.b.buffer].constant->as<double>();
  const auto place = [&](BufferId table, int64_t index, int64_t stride) {
    if (table == plan::kNoBuffer) return index * stride;
    return builder.made().buffers[table].constant->as<int64_t>()[static_cast<size_t>(index)];
  };
  std::vector<double> sums(static_cast<size_t>(gemm.n), 0);
  for (int64_t column = 0; column < gemm.k; ++column) {
    const int64_t offset = place(gemm.b.offsets, column, gemm.b.column_stride);
    for (int64_t row = 0; row < gemm.n; ++row) {
      const int64_t base =
          gemm.b.bases == plan::kNoBuffer ? row * gemm.b.row_stride : place(gemm.b.bases, row, 0);
      sums[static_cast<size_t>(row)] += b[static_cast<size_t>(base + offset)];
    }
  }
  return builder.constant(Tensor::of(DType::kF32, {gemm.n}, sums));
}

std::vector<double> bias_numbers(const SampleAttention& of, int64_t count, Random& random) {
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) {
    value = random.normal();
    if (of.masked && random.below(4) == 0) value = -std::numeric_limits<double>::infinity();
  }
  if (of.masked) std::fill_n(values.begin(), of.keys, -std::numeric_limits<double>::infinity());
  return values;
}

void add_bias(Builder& builder, const SampleAttention& of, plan::Attention& step) {
  step.bias_batches = of.bias_batches;
  step.bias_key_stride = 1;
  step.bias_query_stride = of.key_bias ? 0 : of.keys;
  step.bias_head_stride = of.key_bias ? 0 : of.queries * of.keys;
  step.bias_batch_stride = of.key_bias ? of.keys : of.heads * step.bias_head_stride;
  const int64_t count = of.bias_batches * step.bias_batch_stride;
  step.bias =
      builder.constant(Tensor::of(of.dtype, {count}, bias_numbers(of, count, builder.random())));
}

}  // namespace

/// What makes sums of k products about 1.
double scale_of_sums(const SampleGemm& of) {
  constexpr double kByte = 74;  // the deviation of random ones
  const double size = (is_byte(of.a.dtype) ? kByte : 1) * (is_byte(of.b.dtype) ? kByte : 1);
  return 1 / (size * std::sqrt(static_cast<double>(of.k)));
}

SampleStep sample_step(const SampleGemm& of, uint64_t seed) {
  Builder builder(seed);
  plan::Gemm step;
  step.batch = of.batch;
  step.m = of.m;
  step.n = of.n;
  step.k = of.k;
  step.normalize = of.normalize;
  step.epsilon = of.normalize ? 1e-5 : 0;
  step.alpha = of.alpha;
  step.activation = of.activation;
  step.a = builder.operand(of.a, of.batch, of.m, of.k, 1, of.normalize ? 0.5 : 0);
  step.b = builder.operand(of.b, of.shares_b ? 1 : of.batch, of.n, of.k, scale_of_sums(of));
  if (of.shares_b) step.b.batch_stride = 0;
  if (is_byte(of.b.dtype) && of.shares_b) {
    const double scale = scale_of_sums(of);
    step.column_scales = builder.numbers(DType::kF32, of.n, 0.2 * scale, scale);
  } else if (is_byte(of.b.dtype)) {
    step.alpha *= scale_of_sums(of);
  }
  if (is_byte(of.out.dtype)) {
    step.quantum = 0.02;
    step.zero = of.out.dtype == DType::kU8 ? 110 : -7;
  }
  if (of.has_bias) step.bias = builder.numbers(DType::kF32, of.n, 0.5);
  if (of.normalize && (of.shares_b || of.batch == 1)) step.column_sums = column_sums(builder, step);
  if (of.has_residual) step.residual = builder.operand(of.residual, of.batch, of.m, of.n, 1);
  int64_t elements = 0;
  step.out = builder.view(of.out, of.batch, of.m, of.n, elements);
  step.out.buffer = builder.result(of.out.dtype, elements);
  std::string name = fmt::format("gemm {}x{}x{}", of.m, of.n, of.k);
  if (of.batch > 1) name = fmt::format("{} batch {}", name, of.batch);
  if (of.normalize) name += " norm";
  if (of.activation != plan::Activation::kNone) {
    name += fmt::format(" activation {}", static_cast<int>(of.activation));
  }
  for (const SampleMatrix* matrix : {&of.a, &of.b, &of.out}) {
    if (is_byte(matrix->dtype)) name += fmt::format(" {}", nitro::name(matrix->dtype));
  }
  return builder.finish(std::move(name), step);
}

SampleStep sample_step(const SampleAttention& of, uint64_t seed) {
  Builder builder(seed);
  plan::Attention step;
  step.batch = of.batch;
  step.heads = of.heads;
  step.key_heads = of.key_heads;
  step.queries = of.queries;
  step.keys = of.keys;
  step.head_dim = of.head_dim;
  step.value_dim = of.value_dim;
  step.scale = 1 / std::sqrt(static_cast<double>(of.head_dim));
  step.softcap = of.softcap;
  step.causal = of.causal;
  const int64_t q = of.heads * of.head_dim, k = of.key_heads * of.head_dim;
  const int64_t v = of.key_heads * of.value_dim, out = of.heads * of.value_dim;
  if (of.panel_rows > 0) {
    const int64_t panel = 64, row = q + k + v;
    step.panel_rows = panel;
    step.panel_columns = row;
    const int64_t tokens = (of.keys + panel - 1) / panel * panel;
    const BufferId whole = builder.numbers(of.dtype, of.batch * tokens * row, 1);
    step.q = {whole, 0, 0, of.head_dim, 0};
    step.k = {whole, q, 0, of.head_dim, 0};
    step.v = {whole, q + k, 0, of.value_dim, 0};
  } else if (of.packed && of.queries == of.keys) {
    const int64_t row = q + k + v;
    const BufferId whole = builder.numbers(of.dtype, of.batch * of.queries * row, 1);
    step.q = {whole, 0, of.queries * row, of.head_dim, row};
    step.k = {whole, q, of.queries * row, of.head_dim, row};
    step.v = {whole, q + k, of.queries * row, of.value_dim, row};
  } else {  // each head by itself
    step.q = {builder.numbers(of.dtype, of.batch * of.queries * q, 1), 0, of.queries * q,
              of.queries * of.head_dim, of.head_dim};
    step.k = {builder.numbers(of.dtype, of.batch * of.keys * k, 1), 0, of.keys * k,
              of.keys * of.head_dim, of.head_dim};
    step.v = {builder.numbers(of.dtype, of.batch * of.keys * v, 1), 0, of.keys * v,
              of.keys * of.value_dim, of.value_dim};
  }
  if (of.bias_batches > 0) add_bias(builder, of, step);
  const int64_t rows = of.batch * of.queries;
  const int64_t panel = std::max<int64_t>(of.panel_rows, 1);
  const BufferId result = builder.result(of.dtype, (rows + panel - 1) / panel * panel * out);
  if (of.panel_rows > 0) {
    step.out_bases = builder.panel_table(rows, out, panel);
    step.out_panel_rows = panel;
  }
  step.out = {result, 0, of.queries * out, of.value_dim, out};
  return builder.finish(
      fmt::format("attention {}x{} {}x{}x{}", of.batch, of.heads, of.queries, of.keys, of.head_dim),
      step);
}

SampleStep sample_step(const SampleHead& of, uint64_t seed) {
  using plan::RowWork;
  Builder builder(seed);
  plan::PooledHead step;
  const int64_t rows = of.batch * of.tokens;
  const auto normalization = [&](int64_t count, int64_t columns) {
    RowWork work{RowWork::Kind::kNormalize, count, columns, 1, 1e-5};
    if (!of.has_parameters) return work;
    work.scale = builder.numbers(DType::kF32, columns, 0.5, 1);
    work.shift = builder.numbers(DType::kF32, columns, 0.5);
    return work;
  };
  step.mean = {RowWork::Kind::kMean, rows, of.k, of.tokens};
  step.mean.x = builder.numbers(DType::kF16, rows * of.k, 1, 0.5);
  if (of.normalize) step.before = normalization(rows, of.k);
  step.product.m = of.batch;
  step.product.n = of.n;
  step.product.k = of.k;
  step.product.b = builder.operand({}, 1, of.n, of.k, 1 / std::sqrt(static_cast<double>(of.k)));
  if (of.has_parameters) step.product.bias = builder.numbers(DType::kF32, of.n, 0.5);
  if (of.normalize_result) step.after = normalization(of.batch, of.n);
  step.out = builder.result(of.out, of.batch * of.n);
  return builder.finish(fmt::format("head {}x{}x{}x{}", of.batch, of.tokens, of.n, of.k), step);
}

}  // namespace nitro::cuda
