#include <cmath>

#include "base/parallel.h"
#include "reference/cubic_weights.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// What one result element is made of along one axis: weights of the source elements first, first +
/// 1, …; those outside the axis repeat its edge.
struct Sample {
  int64_t first = 0;
  std::vector<double> weights;
  bool extrapolated = false;
};

class AxisResize {
 public:
  AxisResize(const Resize& op, size_t axis, int64_t length)
      : op_(op),
        source_(static_cast<double>(length)),
        result_(static_cast<double>(op.sizes[axis])),
        scale_(op.scales[axis]) {
    if (op.region.empty()) return;
    start_ = op.region[axis];
    end_ = op.region[axis + op.sizes.size()];
  }

  Sample sample(int64_t at) const {
    const double wanted = position(static_cast<double>(at));
    const double x = std::clamp(wanted, -1e15, 1e15);
    // The source element left of x, so that the distance is in (0, 1].
    const double base = std::ceil(x) - 1;
    Sample result = weigh(x - base);
    result.first += static_cast<int64_t>(base);
    result.extrapolated = op_.coordinates == ResizeCoordinates::kCropAndResize &&
                          !(wanted >= 0 && wanted <= source_ - 1);
    if (op_.exclude_outside) drop_outside(result);
    return result;
  }

 private:
  /// Source coordinate of a result element. Lengths are those that the scale gives, as in ONNX.
  double position(double at) const {
    const double length = scale_ * source_;
    switch (op_.coordinates) {
      case ResizeCoordinates::kHalfPixel:
        return (at + 0.5) / scale_ - 0.5;
      case ResizeCoordinates::kPytorchHalfPixel:
        return length == 1 ? -0.5 : (at + 0.5) / scale_ - 0.5;
      case ResizeCoordinates::kAlignCorners:
        return length == 1 ? 0 : at * (source_ - 1) / (length - 1);
      case ResizeCoordinates::kAsymmetric:
        return at / scale_;
      case ResizeCoordinates::kHalfPixelSymmetric:
        return source_ / 2 * (1 - result_ / length) + (at + 0.5) / scale_ - 0.5;
      case ResizeCoordinates::kTfHalfPixelForNN:
        return (at + 0.5) / scale_;
      case ResizeCoordinates::kCropAndResize:
        break;
    }
    const double extent = (end_ - start_) * (source_ - 1);
    return start_ * (source_ - 1) + (length == 1 ? extent / 2 : at * extent / (length - 1));
  }

  /// Weights around a point `distance` right of element 0.
  Sample weigh(double distance) const {
    if (op_.mode == Interpolation::kNearest) return {takes_right(distance) ? 1 : 0, {1.0}, false};
    const double scale = op_.antialias ? std::min(scale_, 1.0) : 1;
    const double support = op_.mode == Interpolation::kLinear ? 1 : 2;
    const auto first = static_cast<int64_t>(std::floor(-support / scale)) + 1;
    Sample result{first, {}, false};
    double sum = 0;
    for (int64_t i = first; i <= 1 - first; ++i) {
      const double x = std::abs(static_cast<double>(i) - distance) * scale;
      const double weight = op_.mode == Interpolation::kLinear
                                ? std::max(0.0, 1 - x)
                                : cubic_weight(x, op_.cubic_coefficient);
      result.weights.push_back(weight);
      sum += weight;
    }
    if (op_.antialias) {
      for (double& weight : result.weights) weight /= sum;
    }
    return result;
  }

  bool takes_right(double distance) const {
    if (distance == 1) return true;
    switch (op_.nearest) {
      case NearestMode::kRoundPreferFloor:
        return distance > 0.5;
      case NearestMode::kRoundPreferCeil:
        return distance >= 0.5;
      case NearestMode::kFloor:
        return false;
      case NearestMode::kCeil:
        break;
    }
    return true;
  }

  void drop_outside(Sample& sample) const {
    double sum = 0;
    for (size_t i = 0; i < sample.weights.size(); ++i) {
      const double at = static_cast<double>(sample.first) + static_cast<double>(i);
      if (at < 0 || at >= source_) sample.weights[i] = 0;
      sum += sample.weights[i];
    }
    for (double& weight : sample.weights) weight /= sum == 0 ? 1 : sum;
  }

  const Resize& op_;
  double source_;
  double result_;
  double scale_;
  double start_ = 0;
  double end_ = 1;
};

/// `x` of shape `shape` with `axis` resized; the other axes stay.
std::vector<double> resize_axis(const Resize& op, size_t axis, const Shape& shape,
                                const std::vector<double>& x) {
  const AxisResize resize(op, axis, shape[axis]);
  const int64_t inner =
      element_count({shape.begin() + static_cast<int64_t>(axis) + 1, shape.end()});
  const int64_t outer = element_count({shape.begin(), shape.begin() + static_cast<int64_t>(axis)});
  const int64_t length = shape[axis];
  const int64_t results = op.sizes[axis];
  std::vector<double> y(static_cast<size_t>(outer * results * inner), 0.0);
  parallel_for(results, 1 + 100'000 / (outer * inner + 1), [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const Sample sample = resize.sample(at);
      for (int64_t row = 0; row < outer; ++row) {
        double* target = y.data() + (row * results + at) * inner;
        for (size_t i = 0; i < sample.weights.size(); ++i) {
          const int64_t from =
              std::clamp<int64_t>(sample.first + static_cast<int64_t>(i), 0, length - 1);
          const double* source = x.data() + (row * length + from) * inner;
          for (int64_t k = 0; k < inner; ++k) target[k] += sample.weights[i] * source[k];
        }
        if (sample.extrapolated) std::fill_n(target, inner, op.extrapolation);
      }
    }
  });
  return y;
}

/// An axis that every coordinate transformation maps to itself.
bool is_identity(const Resize& op, size_t axis, int64_t length) {
  if (op.scales[axis] != 1 || op.sizes[axis] != length) return false;
  if (op.coordinates != ResizeCoordinates::kCropAndResize) return true;
  return op.region[axis] == 0 && op.region[axis + op.sizes.size()] == 1;
}

}  // namespace

template <>
Result<void> evaluate(const Resize& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  Shape shape = call.in(0).shape();
  if (call.out().elements() == 0) return {};
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (is_identity(op, axis, shape[axis])) continue;
    x = resize_axis(op, axis, shape, x);
    shape[axis] = op.sizes[axis];
  }
  call.out().assign<double>(x);
  return {};
}

}  // namespace nitro::reference
