#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "predict/layer_time.h"

namespace nitro::predict {

/// A network, or a layer of one, whose latency was measured: the layers that the runtime makes of
/// it.
struct MeasuredNet {
  std::string name;    // "resnet18@224x224"
  std::string family;  // networks of one design are held out together
  Device device = {};  // that it was measured on
  Precision precision = Precision::kFp16;
  double measured_ns = 0;
  /// Whether its source timed more than the frame, by a time that is not known but always the same.
  bool has_extra = false;
  std::vector<Layer> layers = {};
};

/// Published latencies: rows of latencies.csv that are used (net, family, device, power_mode,
/// precision, runtime, ms, tier, used, reason, source), with the layers of nets.csv.
Result<std::vector<MeasuredNet>> read_latencies(const std::filesystem::path& folder);

/// Cells of NAS-Bench-201 on the Jetson Nano (arch_vector, fast_fp16_ms), every `step`-th of the
/// file.
Result<std::vector<MeasuredNet>> read_nas_bench_201(const std::filesystem::path& file,
                                                    size_t step = 1);

/// Single layers of three networks on the Jetson TX1 (tx1_layers.csv: net, precision, layer of
/// layers.csv, ms), each network a family. They were timed there, without the host.
Result<std::vector<MeasuredNet>> read_tx1_layers(const std::filesystem::path& folder);

}  // namespace nitro::predict
