#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "predict/layer.h"

namespace nitro::predict {

struct Device;

/// What a runtime makes of a device: numbers fitted to published measurements.
struct Rates {
  // Shares of the peak arithmetic rate, of padded tiles.
  double convolution = 0.7;
  double winograd = 0.5;  // of the multiplications that F(2x2,3x3) leaves, 1 in 2.25
  double pointwise = 0.9;
  double product = 0.3;
  double single = 1.2;           // what FP32 reaches of its peak, against FP16 of its own
  double inner_overhead = 100;   // steps along the inner axis that starting and ending a tile costs
  double tile_reads = 0.35;      // of a tile's time, what reading operands for its results takes
  double depthwise = 0.05;       // of the FP32 peak, in either precision
  double depthwise_output = 20;  // further FP32 operations of each result
  // Shares of the bandwidth of memory.
  double product_bandwidth = 0.7;
  double vector_bandwidth = 0.5;
  double depthwise_bandwidth = 0.6;
  double pool_bandwidth = 0.5;
  double reduce_bandwidth = 0.35;
  double elementwise_bandwidth = 0.5;
  double movement_bandwidth = 0.5;
  double blend = 2;  // time = (arithmetic^blend + memory^blend)^(1/blend)
  // Nanoseconds of a kernel that is alone, on the device and on the host.
  double product_ns = 8000;
  double other_ns = 8000;
  double product_enqueue_ns = 28000;
  double other_enqueue_ns = 25000;
  double start_ns = 1;  // of the host, starting and awaiting a frame

  bool operator==(const Rates&) const = default;
};

/// Calls visit(name, member, spread) for each rate; spread: by what factor, as a standard deviation
/// of its logarithm, a value may differ from the one above before any measurement is seen.
template <class RatesT, class Visit>
void for_each_rate(RatesT& rates, const Visit& visit) {
  visit("convolution", rates.convolution, 0.3);
  visit("winograd", rates.winograd, 0.3);
  visit("pointwise", rates.pointwise, 0.3);
  visit("product", rates.product, 0.6);
  visit("single", rates.single, 0.3);
  visit("inner_overhead", rates.inner_overhead, 0.7);
  visit("tile_reads", rates.tile_reads, 0.5);
  visit("depthwise", rates.depthwise, 1.0);
  visit("depthwise_output", rates.depthwise_output, 1.0);
  visit("product_bandwidth", rates.product_bandwidth, 0.3);
  visit("vector_bandwidth", rates.vector_bandwidth, 0.3);
  visit("depthwise_bandwidth", rates.depthwise_bandwidth, 0.4);
  visit("pool_bandwidth", rates.pool_bandwidth, 0.5);
  visit("reduce_bandwidth", rates.reduce_bandwidth, 0.5);
  visit("elementwise_bandwidth", rates.elementwise_bandwidth, 0.3);
  visit("movement_bandwidth", rates.movement_bandwidth, 0.5);
  visit("blend", rates.blend, 0.3);
  visit("product_ns", rates.product_ns, 0.5);
  visit("other_ns", rates.other_ns, 0.5);
  visit("product_enqueue_ns", rates.product_enqueue_ns, 0.4);
  visit("other_enqueue_ns", rates.other_enqueue_ns, 0.4);
  visit("start_ns", rates.start_ns, 0.5);
}

/// Rates that agree with measurements.
struct FittedRates {
  Rates rates = {};
  /// Standard deviation of the logarithm of predicted / measured, of networks whose family was held
  /// out.
  double spread = 0;
  std::string source = {};  // what was fitted to, and how well
  bool operator==(const FittedRates&) const = default;
};

/// A runtime whose rates were fitted (src/predict/runtimes/*.toml).
struct Runtime : FittedRates {
  std::string name;       // "tensorrt-8"
  std::string title;      // "TensorRT 8"
  bool own_plan = false;  // the steps of a plan for Nitro's engine instead of TensorRT's layers
  Fusion fusion = Fusion::kTensorrt8;     // otherwise
  std::vector<std::string> devices = {};  // the names of those that were measured
  std::vector<Family> rare = {};          // kinds in which measured networks spend hardly any time
};

/// Whether rates were fitted to measurements on it: else less is known.
bool is_fitted_to(const Runtime& runtime, const Device& device);

Result<Runtime> read_runtime(std::string_view toml, const std::string& file);
/// As read_runtime() reads it.
std::string to_toml(const Runtime& runtime);

/// The nearest numbers of four digits, as files have them.
Rates rounded(Rates rates);

/// All runtimes, by name; their names; and one by name (kUsage).
const std::vector<Runtime>& runtimes();
std::vector<std::string> runtime_names();
Result<const Runtime*> find_runtime(std::string_view name);

}  // namespace nitro::predict
