#include <algorithm>
#include <cmath>

#include "calibrate/statistics.h"

namespace nitro::calibrate {
namespace {

/// Twice the range in as many bins: two become one.
void widen(passes::Histogram& histogram) {
  std::vector<int64_t> counts(histogram.counts.size(), 0);
  for (size_t i = 0; i < counts.size(); ++i)
    counts[counts.size() / 4 + i / 2] += histogram.counts[i];
  histogram.counts = std::move(counts);
  histogram.range *= 2;
}

void make_room(passes::Histogram& histogram, double magnitude) {
  if (magnitude == 0 && histogram.counts.empty()) return;
  if (histogram.range == 0) histogram.range = std::exp2(std::ceil(std::log2(magnitude)));
  while (histogram.range < magnitude) widen(histogram);
}

}  // namespace

Result<void> add_ranges(passes::ValueRecord& record, const Tensor& tensor) {
  const std::vector<double> values = tensor.as<double>();
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); }))
    return fail(ErrorCode::kBadModel, "some of its elements are not finite");
  const auto width = static_cast<size_t>(record.type.shape.back());
  const bool first = record.channel_max.empty();
  record.channel_max.resize(width, 0.0);
  const auto [low, high] = std::ranges::minmax(values);
  record.min = first ? low : std::min(record.min, low);
  record.max = first ? high : std::max(record.max, high);
  for (size_t i = 0; i < values.size(); i += width) {
    for (size_t k = 0; k < width; ++k)
      record.channel_max[k] = std::max(record.channel_max[k], std::abs(values[i + k]));
  }
  passes::Histogram& histogram = record.histogram;
  if (histogram.counts.empty()) histogram.counts.assign(kBins, 0);
  make_room(histogram, std::max(std::abs(low), std::abs(high)));
  const double bins = static_cast<double>(kBins) / 2;
  const double scale = histogram.range > 0 ? bins / histogram.range : 0;
  for (double value : values) {
    const double bin = std::floor(value * scale + bins);
    ++histogram.counts[static_cast<size_t>(std::clamp(bin, 0.0, 2 * bins - 1))];
  }
  return {};
}

}  // namespace nitro::calibrate
