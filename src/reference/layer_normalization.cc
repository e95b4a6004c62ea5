#include <cmath>
#include <numeric>

#include "base/parallel.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

struct Statistic {
  double mean = 0;
  double inverse_deviation = 0;
};

/// Normalises `row` to mean 0 and variance 1.
Statistic normalize(std::span<double> row, double epsilon) {
  const auto count = static_cast<double>(row.size());
  const double mean = std::accumulate(row.begin(), row.end(), 0.0) / count;
  double squares = 0;
  for (double& element : row) {
    element -= mean;
    squares += element * element;
  }
  const double inverse = 1 / std::sqrt(squares / count + epsilon);
  for (double& element : row) element *= inverse;
  return {mean, inverse};
}

void divide_by_root_mean_square(std::span<double> row, double epsilon) {
  double squares = 0;
  for (double element : row) squares += element * element;
  const double root = std::sqrt(squares / static_cast<double>(row.size()) + epsilon);
  for (double& element : row) element /= root;
}

/// Elements of the axes from `axis` on.
size_t row_length(const Shape& shape, int64_t axis) {
  return static_cast<size_t>(element_count({shape.begin() + axis, shape.end()}));
}

/// Calls body(row index, row) for each row of `length` elements.
template <class Body>
void for_each_row(std::vector<double>& values, size_t length, Body body) {
  if (values.empty()) return;
  const auto rows = static_cast<int64_t>(values.size() / length);
  const auto step = static_cast<int64_t>(1 + 20'000 / length);
  parallel_for(rows, step, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      body(i, std::span(values).subspan(i * length, length));
    }
  });
}

/// row * scale + bias; absent operands are empty.
void scale_and_shift(std::span<double> row, const std::vector<double>& scale,
                     const std::vector<double>& bias) {
  for (size_t i = 0; i < row.size(); ++i) row[i] *= scale[i];
  for (size_t i = 0; i < bias.size(); ++i) row[i] += bias[i];
}

std::vector<double> values_of(const Call& call, size_t i) {
  return call.has(i) ? call.in(i).as<double>() : std::vector<double>();
}

}  // namespace

template <>
Result<void> evaluate(const LayerNormalization& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> scale = values_of(call, 1);
  const std::vector<double> bias = values_of(call, 2);
  const auto statistics = static_cast<size_t>(call.out(1).elements());
  std::vector<double> mean(statistics);
  std::vector<double> inverse(statistics);
  for_each_row(x, row_length(call.in(0).shape(), op.axis), [&](size_t i, std::span<double> row) {
    const Statistic statistic = normalize(row, op.epsilon);
    mean[i] = statistic.mean;
    inverse[i] = statistic.inverse_deviation;
    scale_and_shift(row, scale, bias);
  });
  call.out(0).assign<double>(x);
  call.out(1).assign<double>(mean);
  call.out(2).assign<double>(inverse);
  return {};
}

template <>
Result<void> evaluate(const SkipLayerNormalization& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> skip = values_of(call, 1);
  const std::vector<double> scale = values_of(call, 2);
  const std::vector<double> bias = values_of(call, 3);
  const std::vector<double> extra = values_of(call, 4);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] += skip[i];
    if (!extra.empty()) x[i] += extra[i % extra.size()];
  }
  call.out(1).assign<double>(x);
  for_each_row(x, scale.size(), [&](size_t, std::span<double> row) {
    normalize(row, op.epsilon);
    scale_and_shift(row, scale, bias);
  });
  call.out(0).assign<double>(x);
  return {};
}

template <>
Result<void> evaluate(const RMSNormalization& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> scale = values_of(call, 1);
  for_each_row(x, row_length(call.in(0).shape(), op.axis), [&](size_t, std::span<double> row) {
    divide_by_root_mean_square(row, op.epsilon);
    scale_and_shift(row, scale, {});
  });
  call.out().assign<double>(x);
  return {};
}

template <>
Result<void> evaluate(const GroupNormalization& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> scale = values_of(call, 1);
  const std::vector<double> bias = values_of(call, 2);
  const Shape& shape = call.in(0).shape();
  const size_t plane = row_length(shape, 2);
  const auto channels = static_cast<size_t>(shape[1] / op.groups);
  for_each_row(x, channels * plane, [&](size_t i, std::span<double> row) {
    normalize(row, op.epsilon);
    const size_t first = i % static_cast<size_t>(op.groups) * channels;
    for (size_t k = 0; k < row.size(); ++k) {
      row[k] = row[k] * scale[first + k / plane] + bias[first + k / plane];
    }
  });
  call.out().assign<double>(x);
  return {};
}

}  // namespace nitro::reference
