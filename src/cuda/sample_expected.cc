#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kHalfUnit = 0x1p-11;   // of rounding to f16, relative
constexpr double kHalfLeast = 0x1p-24;  // and absolute
constexpr double kFloatUnit = 0x1p-24;
/// Where rounding errors are independent, a result lies within this many times the root of the sum
/// of the squares of its terms, in units of f16: six standard deviations of the errors of operands
/// that were rounded, and of sums of 64 terms too.
constexpr double kOperandErrors = 4;
constexpr double kChunkErrors = 16;

double unit_of(DType dtype) {
  if (dtype == DType::kF16) return kHalfUnit;
  return dtype == DType::kBF16 ? 0x1p-8 : kFloatUnit;
}

std::vector<double> contents(const plan::Plan& plan, plan::BufferId buffer) {
  return buffer == plan::kNoBuffer ? std::vector<double>()
                                   : plan.buffers[buffer].constant->as<double>();
}

/// A view with its tables.
struct Places {
  Places(const plan::Plan& plan, const plan::MatrixView& of, int64_t of_columns)
      : view(of),
        columns(of_columns),
        bases(contents(plan, of.bases)),
        offsets(contents(plan, of.offsets)) {}
  int64_t row_start(int64_t row) const {
    if (view.panel_rows == 0) return row * view.row_stride;
    return row / view.panel_rows * view.panel_rows * columns + row % view.panel_rows * 8;
  }
  size_t at(int64_t batch, int64_t row, int64_t column) const {
    const auto r = static_cast<size_t>(row), c = static_cast<size_t>(column);
    const int64_t base = bases.empty() ? row_start(row) : static_cast<int64_t>(bases[r]);
    if (view.panel_rows > 0)
      return static_cast<size_t>(base + column / 8 * view.panel_rows * 8 + column % 8);
    const int64_t offset =
        offsets.empty() ? column * view.column_stride : static_cast<int64_t>(offsets[c]);
    return static_cast<size_t>(batch * view.batch_stride + base + offset);
  }
  plan::MatrixView view;
  int64_t columns;
  std::vector<double> bases;
  std::vector<double> offsets;
};

std::vector<double> gathered(const plan::Plan& plan, const plan::MatrixView& view, int64_t batch,
                             int64_t rows, int64_t columns) {
  const Places places(plan, view, columns);
  const std::vector<double> all = contents(plan, view.buffer);
  std::vector<double> matrix;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      matrix.push_back(all[places.at(batch, row, column)]);
    }
  }
  return matrix;
}

double activated(plan::Activation activation, double x) {
  switch (activation) {
    case plan::Activation::kNone:
      return x;
    case plan::Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case plan::Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case plan::Activation::kRelu:
      return std::max(x, 0.0);
    case plan::Activation::kSilu:
      return x / (1 + std::exp(-x));
    case plan::Activation::kHardSwish:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case plan::Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}
constexpr double kSteepest = 1.5;  // slope of an activation

void normalize(std::vector<double>& matrix, int64_t columns, double epsilon) {
  const auto width = static_cast<size_t>(columns);
  for (size_t start = 0; start < matrix.size(); start += width) {
    double mean = 0, variance = 0;
    for (size_t i = start; i < start + width; ++i) mean += matrix[i] / static_cast<double>(columns);
    for (size_t i = start; i < start + width; ++i) {
      variance += (matrix[i] - mean) * (matrix[i] - mean) / static_cast<double>(columns);
    }
    const double scale = 1 / std::sqrt(variance + epsilon);
    for (size_t i = start; i < start + width; ++i) matrix[i] = (matrix[i] - mean) * scale;
  }
}

struct Dot {
  double sum = 0;
  double absolute = 0;
  double squares = 0;  // of the terms
};
Dot dot(const double* a, const double* b, int64_t count) {
  Dot result;
  for (int64_t i = 0; i < count; ++i) {
    const double term = a[i] * b[i];
    result.sum += term;
    result.absolute += std::abs(term);
    result.squares += term * term;
  }
  return result;
}

/// How far a sum of products may be off.
double error_of(const Dot& dot, int64_t terms, bool halves, Sums sums) {
  const double exact = (std::sqrt(static_cast<double>(terms)) + 16) * kFloatUnit * dot.absolute;
  if (!halves) return exact;
  const double errors = sums == Sums::kF16Chunks ? kChunkErrors : kOperandErrors;
  return exact + errors * kHalfUnit * std::sqrt(dot.squares) +
         static_cast<double>(sums == Sums::kF16Chunks ? terms : 0) * kHalfLeast / 2;
}

double rounding(DType dtype, double value) {
  const double least = dtype == DType::kF16 ? kHalfLeast : 0;
  return 1.01 * unit_of(dtype) * std::abs(value) + least + 4 * kFloatUnit * std::abs(value);
}

Expected nothing(const SampleStep& sample) {
  const auto count = static_cast<size_t>(sample.plan.buffers[sample.result()].type.elements());
  return {std::vector<double>(count, kNothing), std::vector<double>(count, kNothing)};
}

/// A result as an 8-bit integer: certain unless it may lie on either side of a half.
void quantize(const plan::Gemm& gemm, DType out, double& value, double& tolerance) {
  const double exact = value / gemm.quantum;
  const double from_half = std::abs(exact - std::floor(exact) - 0.5);
  tolerance = from_half <= tolerance / gemm.quantum + 8 * kFloatUnit * std::abs(exact) ? 1 : 0;
  const bool is_signed = out == DType::kI8;
  value = std::clamp(std::nearbyint(exact) + static_cast<double>(gemm.zero),
                     is_signed ? -128.0 : 0.0, is_signed ? 127.0 : 255.0);
}

Expected expected_of(const SampleStep& sample, const plan::Gemm& gemm, Sums sums) {
  const plan::Plan& plan = sample.plan;
  const DType a_type = plan.buffers[gemm.a.buffer].type.dtype;
  const DType b_type = plan.buffers[gemm.b.buffer].type.dtype;
  const bool halves = b_type == DType::kF16 || (is_byte(b_type) && a_type == DType::kF16);
  const DType out = plan.buffers[gemm.out.buffer].type.dtype;
  const std::vector<double> scales = contents(plan, gemm.column_scales);
  const Places places(plan, gemm.out, gemm.n), residual_places(plan, gemm.residual, gemm.n);
  const std::vector<double> bias = contents(plan, gemm.bias);
  const std::vector<double> residual = contents(plan, gemm.residual.buffer);
  Expected result = nothing(sample);
  for (int64_t batch = 0; batch < gemm.batch; ++batch) {
    std::vector<double> a = gathered(plan, gemm.a, batch, gemm.m, gemm.k);
    const std::vector<double> b = gathered(plan, gemm.b, batch, gemm.n, gemm.k);
    if (gemm.normalize) normalize(a, gemm.k, gemm.epsilon);
    for (int64_t row = 0; row < gemm.m; ++row) {
      for (int64_t column = 0; column < gemm.n; ++column) {
        const Dot sum = dot(a.data() + row * gemm.k, b.data() + column * gemm.k, gemm.k);
        const double added = bias.empty() ? 0 : bias[static_cast<size_t>(column)];
        const double factor =
            gemm.alpha * (scales.empty() ? 1 : scales[static_cast<size_t>(column)]);
        const double before = factor * sum.sum + added;
        const double active = activated(gemm.activation, before);
        const double more = residual.empty() ? 0 : residual[residual_places.at(batch, row, column)];
        const size_t at = places.at(batch, row, column);
        result.values[at] = active + more;
        result.tolerances[at] =
            kSteepest * (std::abs(factor) * error_of(sum, gemm.k, halves, sums) +
                         8 * kFloatUnit * (std::abs(before) + std::abs(added))) +
            8 * kFloatUnit * std::abs(active) + rounding(out, active + more);
        if (gemm.quantum != 0) quantize(gemm, out, result.values[at], result.tolerances[at]);
      }
    }
  }
  return result;
}

/// One query's scores as weights that sum to one or are all zero, and how far each score may be
/// off.
struct Weights {
  std::vector<double> shares;
  std::vector<double> errors;
};

class AttentionOracle {
 public:
  AttentionOracle(const plan::Plan& plan, const plan::Attention& of, Sums sums)
      : of_(of),
        sums_(sums),
        halves_(plan.buffers[of.q.buffer].type.dtype == DType::kF16),
        q_(contents(plan, of.q.buffer)),
        k_(contents(plan, of.k.buffer)),
        v_(contents(plan, of.v.buffer)),
        bias_(contents(plan, of.bias)),
        out_bases_(contents(plan, of.out_bases)) {}

  Weights weights(int64_t batch, int64_t head, int64_t query) const {
    Weights result;
    double most = -std::numeric_limits<double>::infinity();
    for (int64_t key = 0; key < of_.keys; ++key) {
      std::vector<double> q, k;
      for (int64_t channel = 0; channel < of_.head_dim; ++channel) {
        q.push_back(q_[at(of_.q, batch, head, query, channel)]);
        k.push_back(k_[at(of_.k, batch, key_head(head), key, channel)]);
      }
      const Dot sum = dot(q.data(), k.data(), of_.head_dim);
      double score = of_.scale * sum.sum;
      if (of_.softcap > 0) score = of_.softcap * std::tanh(score / of_.softcap);
      if (!bias_.empty()) score += bias_[bias_place(batch, head, query, key)];
      if (of_.causal && key > query) score = -std::numeric_limits<double>::infinity();
      result.shares.push_back(score);
      result.errors.push_back(of_.scale * error_of(sum, of_.head_dim, halves_, sums_) + 2e-6);
      most = std::max(most, score);
    }
    double total = 0;
    for (double& share : result.shares) {
      share = std::isinf(most) ? 0 : std::exp(share - most);
      total += share;
    }
    for (double& share : result.shares) share /= std::max(total, 1.0);
    return result;
  }

  int64_t result_place(int64_t batch, int64_t head, int64_t query, int64_t channel) const {
    if (out_bases_.empty()) {
      return static_cast<int64_t>(place(of_.out, batch, head, query)) + channel;
    }
    const int64_t column = head * of_.value_dim + channel;
    return static_cast<int64_t>(out_bases_[static_cast<size_t>(batch * of_.queries + query)]) +
           column / 8 * of_.out_panel_rows * 8 + column % 8;
  }

  void value(const Weights& weights, int64_t batch, int64_t head, int64_t channel, double& result,
             double& error) const {
    std::vector<double> values;
    for (int64_t key = 0; key < of_.keys; ++key) {
      values.push_back(v_[at(of_.v, batch, key_head(head), key, channel)]);
    }
    const Dot sum = dot(weights.shares.data(), values.data(), of_.keys);
    result = sum.sum;
    error = error_of(sum, of_.keys, halves_, sums_) + 8 * kFloatUnit * sum.absolute;
    for (size_t key = 0; key < values.size(); ++key) {
      error += weights.shares[key] * weights.errors[key] * std::abs(values[key] - result);
      if (halves_) error += kHalfLeast / 2 * std::abs(values[key]);
    }
  }

 private:
  /// Of an operand's element.
  size_t at(const plan::HeadView& view, int64_t batch, int64_t head, int64_t token,
            int64_t channel) const {
    if (of_.panel_rows == 0) return place(view, batch, head, token) + static_cast<size_t>(channel);
    const int64_t panel = of_.panel_rows, column = view.start + head * view.head_stride + channel;
    const int64_t rows = (of_.keys + panel - 1) / panel * panel;
    return static_cast<size_t>((batch * rows + token / panel * panel) * of_.panel_columns +
                               column / 8 * panel * 8 + token % panel * 8 + column % 8);
  }
  static size_t place(const plan::HeadView& view, int64_t batch, int64_t head, int64_t token) {
    return static_cast<size_t>(view.start + batch * view.batch_stride + head * view.head_stride +
                               token * view.token_stride);
  }
  size_t bias_place(int64_t batch, int64_t head, int64_t query, int64_t key) const {
    return static_cast<size_t>(batch % of_.bias_batches * of_.bias_batch_stride +
                               head * of_.bias_head_stride + query * of_.bias_query_stride +
                               key * of_.bias_key_stride);
  }
  int64_t key_head(int64_t head) const { return head / (of_.heads / of_.key_heads); }

  const plan::Attention& of_;
  Sums sums_;
  bool halves_;
  std::vector<double> q_, k_, v_, bias_, out_bases_;
};

Expected expected_of(const SampleStep& sample, const plan::Attention& of, Sums sums) {
  const AttentionOracle oracle(sample.plan, of, sums);
  const DType out = sample.plan.buffers[of.out.buffer].type.dtype;
  Expected result = nothing(sample);
  for (int64_t batch = 0; batch < of.batch; ++batch) {
    for (int64_t head = 0; head < of.heads; ++head) {
      for (int64_t query = 0; query < of.queries; ++query) {
        const Weights weights = oracle.weights(batch, head, query);
        for (int64_t channel = 0; channel < of.value_dim; ++channel) {
          const auto at = static_cast<size_t>(oracle.result_place(batch, head, query, channel));
          oracle.value(weights, batch, head, channel, result.values[at], result.tolerances[at]);
          result.tolerances[at] += rounding(out, result.values[at]);
        }
      }
    }
  }
  return result;
}

/// Scale and shift of each column.
void apply_parameters(const plan::Plan& plan, const plan::RowWork& work,
                      std::vector<double>& matrix) {
  const std::vector<double> scale = contents(plan, work.scale), shift = contents(plan, work.shift);
  for (size_t i = 0; i < matrix.size(); ++i) {
    const size_t column = i % static_cast<size_t>(work.columns);
    matrix[i] =
        matrix[i] * (scale.empty() ? 1 : scale[column]) + (shift.empty() ? 0 : shift[column]);
  }
}

std::vector<double> pooled(const plan::Plan& plan, const plan::PooledHead& head) {
  const plan::RowWork& mean = head.mean;
  std::vector<double> x = contents(plan, mean.x);
  if (head.before.kind == plan::RowWork::Kind::kNormalize) {
    normalize(x, mean.columns, head.before.epsilon);
    apply_parameters(plan, head.before, x);
  }
  const auto columns = static_cast<size_t>(mean.columns);
  const auto together = static_cast<size_t>(mean.together);
  std::vector<double> result(x.size() / together, 0);
  for (size_t i = 0; i < x.size(); ++i) {
    result[i / columns / together * columns + i % columns] += x[i] / static_cast<double>(together);
  }
  return result;
}

/// The same of the rows of what is expected; an error of one number moves all of its row.
void normalize_result(const plan::Plan& plan, const plan::RowWork& work, Expected& expected) {
  const std::vector<double> scale = contents(plan, work.scale);
  const auto columns = static_cast<size_t>(work.columns);
  std::vector<double> before = expected.values;
  normalize(expected.values, work.columns, work.epsilon);
  for (size_t i = 0; i < before.size(); ++i) {
    const size_t first = i / columns * columns, other = first + (i == first ? columns - 1 : 0);
    const double slope =
        (expected.values[i] - expected.values[other]) / (before[i] - before[other]);
    expected.tolerances[i] *= 4 * slope * (scale.empty() ? 1 : std::abs(scale[i % columns]));
  }
  apply_parameters(plan, work, expected.values);
}

Expected expected_of(const SampleStep& sample, const plan::PooledHead& head, Sums) {
  const plan::Plan& plan = sample.plan;
  const plan::Gemm& product = head.product;
  const std::vector<double> a = pooled(plan, head), b = contents(plan, product.b.buffer);
  const std::vector<double> bias = contents(plan, product.bias);
  const auto n = static_cast<size_t>(product.n), k = static_cast<size_t>(product.k);
  Expected result;
  for (size_t i = 0; i < static_cast<size_t>(product.m) * n; ++i) {
    const Dot sum = dot(a.data() + i / n * k, b.data() + i % n * k, product.k);
    result.values.push_back(sum.sum + (bias.empty() ? 0 : bias[i % n]));
    // The mean of tokens is as exact as the sum of products is.
    result.tolerances.push_back(2 * error_of(sum, product.k, false, Sums::kF32) +
                                8 * kFloatUnit * std::abs(result.values.back()));
  }
  if (head.after.kind == plan::RowWork::Kind::kNormalize) {
    normalize_result(plan, head.after, result);
  }
  const DType out = plan.buffers[head.out].type.dtype;
  for (size_t i = 0; i < result.values.size(); ++i) {
    result.tolerances[i] += rounding(out, result.values[i]);
  }
  return result;
}

Expected expected_of(const SampleStep& sample, const plan::Loop&, Sums) { return nothing(sample); }

Expected expected_of(const SampleStep& sample, const plan::WindowAttention&, Sums) {
  return nothing(sample);
}

/// Whether all bits of an element are ones.
bool is_poison(double value, DType dtype) {
  if (!is_byte(dtype)) return std::isnan(value);
  return value == (dtype == DType::kI8 ? -1 : 255);
}

}  // namespace

Expected expected(const SampleStep& sample, Sums sums) {
  return std::visit([&](const auto& kernel) { return expected_of(sample, kernel, sums); },
                    sample.step().kernel);
}

std::optional<std::string> mismatch(const Expected& expected, const Tensor& result) {
  const std::vector<double> got = result.as<double>();
  size_t worst = 0, wrong = 0;
  double most = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double off = std::abs(got[i] - expected.values[i]);
    const bool untouched = std::isnan(expected.values[i]);
    if (untouched ? is_poison(got[i], result.dtype()) : off <= expected.tolerances[i]) continue;
    ++wrong;
    const double size = std::isfinite(off) ? off / std::max(expected.tolerances[i], 1e-30)
                                           : std::numeric_limits<double>::infinity();
    if (size <= most) continue;
    most = size;
    worst = i;
  }
  if (wrong == 0) return std::nullopt;
  return fmt::format("{} of {} elements are wrong, the worst is {}: {} instead of {} +- {}", wrong,
                     got.size(), worst, got[worst], expected.values[worst],
                     expected.tolerances[worst]);
}

}  // namespace nitro::cuda
