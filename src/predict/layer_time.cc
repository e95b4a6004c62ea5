#include "predict/layer_time.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nitro::predict {
namespace {

/// Multiplications that F(2x2,3x3) saves (Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks", 2015).
constexpr double kWinogradSaves = 2.25;

/// Results that a block computes at once. The first three are in the names of TensorRT's kernels
/// for Maxwell.
struct Tile {
  int64_t rows, columns;
};
constexpr std::array<Tile, 5> kTiles = {{{128, 128}, {128, 64}, {128, 32}, {64, 64}, {32, 32}}};

/// Into how many parts of the inner axis blocks may divide a product whose tiles are too few for
/// the device.
constexpr std::array<int64_t, 4> kParts = {1, 2, 4, 8};

int64_t quotient_up(int64_t size, int64_t part) { return (size + part - 1) / part; }

/// Operands that a tile reads for each result, against the largest tile.
double reads(const Tile& tile) {
  const auto share = [](int64_t size) { return 64 / static_cast<double>(size); };
  return share(tile.rows) + share(tile.columns);
}

/// FLOPs of whole waves of tiles, one on each multiprocessor, as those of the largest, of the tile
/// and division that need fewest.
double tile_flops(const ProductSizes& sizes, int64_t multiprocessors, const Rates& rates) {
  const int64_t inner = std::max<int64_t>(1, sizes.inner);
  double least = HUGE_VAL;
  for (const Tile& tile : kTiles) {
    const int64_t tiles =
        quotient_up(sizes.rows, tile.rows) * quotient_up(sizes.columns, tile.columns) * sizes.batch;
    const double cost = 1 + rates.tile_reads * (reads(tile) - 1);
    for (int64_t parts : kParts) {
      const int64_t waves = quotient_up(tiles * parts, multiprocessors);
      const double results =
          static_cast<double>(waves * multiprocessors * tile.rows * tile.columns);
      const double steps = static_cast<double>(quotient_up(inner, parts)) + rates.inner_overhead;
      least = std::min(least, cost * results * steps);
    }
  }
  return 2 * least;
}

double arithmetic_s(const Layer& layer, const Device& device, const Rates& rates,
                    Precision precision) {
  const double peak =
      device.product_flops(precision) * (precision == Precision::kFp32 ? rates.single : 1);
  const double tiles = tile_flops(layer.product, device.multiprocessors, rates);
  switch (layer.family) {
    case Family::kConvolution: {
      const double direct = tiles / (peak * rates.convolution);
      return layer.product.winograd
                 ? std::min(direct, tiles / kWinogradSaves / (peak * rates.winograd))
                 : direct;
    }
    case Family::kPointwise:
      return tiles / (peak * rates.pointwise);
    case Family::kProduct:
      return std::max(tiles, layer.flops) / (peak * rates.product);
    case Family::kDepthwise:
      return (layer.flops / rates.depthwise + layer.elements_written * rates.depthwise_output) /
             device.flops(Precision::kFp32);
    default:
      return layer.flops / device.flops(precision);
  }
}

double bandwidth_share(Family family, const Rates& rates) {
  switch (family) {
    case Family::kConvolution:
    case Family::kPointwise:
    case Family::kProduct:
      return rates.product_bandwidth;
    case Family::kDepthwise:
      return rates.depthwise_bandwidth;
    case Family::kVector:
      return rates.vector_bandwidth;
    case Family::kPool:
      return rates.pool_bandwidth;
    case Family::kReduce:
    case Family::kSoftmax:
      return rates.reduce_bandwidth;
    case Family::kElementwise:
      return rates.elementwise_bandwidth;
    case Family::kMovement:
      return rates.movement_bandwidth;
  }
  return 1;
}

}  // namespace

double traffic_bytes(const Layer& layer, const Device& device, Precision precision) {
  const bool single = layer.family == Family::kDepthwise && !device.has_tensor_cores();
  const Precision its = single ? Precision::kFp32 : precision;
  return (layer.elements_read + layer.elements_written + layer.weights_read) * element_bytes(its);
}

LayerTime layer_time(const Layer& layer, const Device& device, const Rates& rates,
                     Precision precision) {
  const bool product = layer.family <= Family::kProduct;
  const double arithmetic = arithmetic_s(layer, device, rates, precision);
  const double bytes = traffic_bytes(layer, device, precision);
  const double memory = bytes / (device.bytes_per_s * bandwidth_share(layer.family, rates));
  LayerTime time;
  time.arithmetic_ns = arithmetic * 1e9;
  time.memory_ns = memory * 1e9;
  time.fixed_ns = product ? rates.product_ns : rates.other_ns;
  time.total_ns =
      std::pow(std::pow(time.arithmetic_ns, rates.blend) + std::pow(time.memory_ns, rates.blend),
               1 / rates.blend) +
      time.fixed_ns;
  time.enqueue_ns =
      device.host_slowdown * (product ? rates.product_enqueue_ns : rates.other_enqueue_ns);
  return time;
}

std::vector<LayerTime> layer_times(std::span<const Layer> layers, const Device& device,
                                   const Rates& rates, Precision precision) {
  std::vector<LayerTime> times;
  for (const Layer& layer : layers) times.push_back(layer_time(layer, device, rates, precision));
  if (!times.empty()) times[0].enqueue_ns += device.host_slowdown * rates.start_ns;
  return times;
}

double frame_ns(std::span<const LayerTime> layers, std::vector<double>* waits) {
  double enqueued = 0;
  double ended = 0;
  for (const LayerTime& layer : layers) {
    enqueued += layer.enqueue_ns;
    const double wait = std::max(0.0, enqueued - ended);
    if (waits) waits->push_back(wait);
    ended += wait + layer.total_ns;
  }
  return ended;
}

}  // namespace nitro::predict
