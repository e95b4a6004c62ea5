#include <cmath>

#include "base/parallel.h"
#include "reference/cubic_weights.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// Folds x back into [low, high] as mirrors at both ends would.
double reflect(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  const double distance = std::abs(x - low);
  const double turns = std::floor(distance / range);
  const double rest = distance - turns * range;
  return std::fmod(turns, 2) == 0 ? low + rest : high - rest;
}

/// Elements along one axis with their weights; position -1 stands for zero padding.
struct Neighbours {
  int64_t count = 0;
  int64_t positions[4] = {};
  double weights[4] = {};
};

class AxisSampler {
 public:
  AxisSampler(const GridSample& op, int64_t length) : op_(op), length_(length) {
    const auto size = static_cast<double>(length);
    low_ = op.align_corners ? 0 : -0.5;
    high_ = op.align_corners ? size - 1 : size - 0.5;
  }

  Neighbours neighbours(double normalized) const {
    const double x = padded(denormalized(normalized));
    Neighbours result;
    if (op_.mode == Interpolation::kNearest) {
      add(result, std::nearbyint(x), 1);
      return result;
    }
    const double base = std::floor(x);
    const int reach = op_.mode == Interpolation::kLinear ? 1 : 2;
    for (int i = 1 - reach; i <= reach; ++i) {
      const double distance = std::abs(x - base - i);
      add(result, base + i,
          op_.mode == Interpolation::kLinear ? 1 - distance : cubic_weight(distance, -0.75));
    }
    return result;
  }

 private:
  double denormalized(double x) const {
    const auto size = static_cast<double>(length_);
    const double position = op_.align_corners ? (x + 1) / 2 * (size - 1) : ((x + 1) * size - 1) / 2;
    return std::isnan(position) ? -1 : std::clamp(position, -1e15, 1e15);
  }

  double padded(double x) const {
    if (op_.mode == Interpolation::kNearest) x = std::nearbyint(x);
    if (x >= low_ && x <= high_) return x;
    if (op_.padding == GridPadding::kBorder) {
      return std::clamp(x, 0.0, static_cast<double>(length_ - 1));
    }
    return op_.padding == GridPadding::kReflection ? reflect(x, low_, high_) : x;
  }

  void add(Neighbours& neighbours, double x, double weight) const {
    const auto last = static_cast<double>(length_ - 1);
    if (op_.padding == GridPadding::kBorder) x = std::clamp(x, 0.0, last);
    if (op_.padding == GridPadding::kReflection && (x < 0 || x > last)) {
      x = std::clamp(std::trunc(reflect(x, low_, high_)), 0.0, last);
    }
    neighbours.positions[neighbours.count] = x < 0 || x > last ? -1 : static_cast<int64_t>(x);
    neighbours.weights[neighbours.count++] = weight;
  }

  const GridSample& op_;
  int64_t length_;
  double low_;
  double high_;
};

/// Weighted sum of the elements of one channel around a point, one Neighbours per axis.
double interpolate(const double* x, const Shape& shape, std::span<const Neighbours> axes) {
  const int64_t inner =
      element_count({shape.end() - static_cast<int64_t>(axes.size()) + 1, shape.end()});
  double sum = 0;
  for (int64_t i = 0; i < axes[0].count; ++i) {
    if (axes[0].positions[i] < 0) continue;
    const double* part = x + axes[0].positions[i] * inner;
    sum +=
        axes[0].weights[i] * (axes.size() == 1 ? *part : interpolate(part, shape, axes.subspan(1)));
  }
  return sum;
}

}  // namespace

template <>
Result<void> evaluate(const GridSample& op, Call& call) {
  const std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> grid = call.in(1).as<double>();
  const Shape& shape = call.in(0).shape();
  const size_t axes = shape.size() - 2;
  std::vector<AxisSampler> samplers;
  for (size_t axis = 0; axis < axes; ++axis) samplers.emplace_back(op, shape[axis + 2]);
  const int64_t plane = element_count({shape.begin() + 2, shape.end()});
  std::vector<double> y(static_cast<size_t>(call.out().elements()));
  if (y.empty()) return {};
  const int64_t points = call.out().elements() / (shape[0] * shape[1]);
  parallel_for(shape[0] * points, 256, [&](int64_t begin, int64_t end) {
    std::vector<Neighbours> near(axes);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t batch = i / points;
      for (size_t axis = 0; axis < axes; ++axis) {
        const size_t coordinate = static_cast<size_t>(i) * axes + axes - 1 - axis;
        near[axis] = samplers[axis].neighbours(grid[coordinate]);
      }
      for (int64_t channel = batch * shape[1]; channel < (batch + 1) * shape[1]; ++channel) {
        y[static_cast<size_t>(channel * points + i % points)] =
            interpolate(x.data() + channel * plane, shape, near);
      }
    }
  });
  call.out().assign<double>(y);
  return {};
}

}  // namespace nitro::reference
