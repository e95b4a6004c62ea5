#pragma once

#include <span>

#include "predict/device.h"
#include "predict/layer.h"

namespace nitro::predict {

/// Nanoseconds of one layer, and what they are made of.
struct LayerTime {
  double arithmetic_ns = 0;
  double memory_ns = 0;
  double fixed_ns = 0;    // that the kernel takes at least
  double total_ns = 0;    // on the device
  double enqueue_ns = 0;  // of the host, while the device computes what came before
};

/// What a layer moves. Without tensor cores depthwise convolutions are FP32 in either precision: on
/// Maxwell those of cuDNN in FP16 are slower, and networks made of them take the same time in both.
double traffic_bytes(const Layer& layer, const Device& device, Precision precision);

/// No shorter than its FLOPs at the device's peak, but for the multiplications that Winograd saves.
LayerTime layer_time(const Layer& layer, const Device& device, const Rates& rates,
                     Precision precision);

/// Of each layer of a frame. What starting the frame takes is in what the host needs for the first.
std::vector<LayerTime> layer_times(std::span<const Layer> layers, const Device& device,
                                   const Rates& rates, Precision precision);

/// When the last layer ends: each starts when the host has enqueued it and the layer before has
/// ended. `waits`, if given, gets how long the device waits for the host before each layer,
/// nanoseconds.
double frame_ns(std::span<const LayerTime> layers, std::vector<double>* waits = nullptr);

}  // namespace nitro::predict
