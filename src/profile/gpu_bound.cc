#include "profile/gpu_bound.h"

#include <fmt/ranges.h>

#include <cmath>
#include <vector>

namespace nitro::profile {
namespace {

struct Roof {
  std::string_view name;
  double per_second = 0;  // FLOPs or bytes
};

Roof compute_roof(cuda::Arithmetic arithmetic, const cuda::GpuRoofs& roofs) {
  const auto roof = [&]() -> Roof {
    switch (arithmetic) {
      case cuda::Arithmetic::kTensor:
        return {"tensor", roofs.tensor_flops};
      case cuda::Arithmetic::kTensorInt8:
        return {"tensor INT8", roofs.tensor_int8_flops};
      case cuda::Arithmetic::kInt8:
        return {"INT8", roofs.int8_flops};
      case cuda::Arithmetic::kF16:
        return {"FP16", roofs.fp16_flops};
      case cuda::Arithmetic::kF32:
        break;
    }
    return {"FP32", roofs.fp32_flops};
  }();
  return roof.per_second > 0 ? roof : Roof{"FP32", roofs.fp32_flops};
}

/// What passes a roof.
struct Traffic {
  Roof roof;
  double bytes = 0;
  std::string read_again = {};  // how much of it, in words
};

Traffic traffic_of(const LayerFacts& layer, const cuda::GpuRoofs& roofs) {
  const bool cached =
      roofs.cache_bytes > 0 && layer.bytes <= static_cast<double>(roofs.cache_bytes);
  if (!cached) return {{"device memory's copy", roofs.copy_bytes_per_s}, layer.bytes};
  const double through = layer.counters ? layer.counters->cache_bytes.value_or(layer.operand_bytes)
                                        : layer.operand_bytes;
  // Arithmetic reads more than it writes, and reads alone are faster than a copy.
  const Roof cache = layer.only_movement
                         ? Roof{"second-level cache's copy", roofs.cache_copy_bytes_per_s}
                         : Roof{"second-level cache's read", roofs.cache_read_bytes_per_s};
  if (through <= layer.bytes) return {cache, layer.bytes};
  return {
      cache, through,
      fmt::format(", moving {:.2f} MB where {:.2f} would do", through / 1e6, layer.bytes / 1e6)};
}

/// The part of `time_ns` that `work` takes at the roof.
double share_of(double work, const Roof& roof, double time_ns) {
  return roof.per_second > 0 ? work / roof.per_second * 1e9 / time_ns : 0;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

/// What is compared, in numbers and in words.
struct Shares {
  double compute = 0;
  double memory = 0;
  double launch = 0;
  std::string compute_text;
  std::string memory_text;
  std::string launch_text;
};

Shares shares_of(const LayerFacts& layer, cuda::Arithmetic arithmetic,
                 const cuda::GpuRoofs& roofs) {
  const Roof compute = compute_roof(arithmetic, roofs);
  const Traffic traffic = traffic_of(layer, roofs);
  Shares shares;
  shares.compute = share_of(layer.flops, compute, layer.time_ns);
  shares.memory = share_of(traffic.bytes, traffic.roof, layer.time_ns);
  shares.launch = roofs.step_ns / layer.time_ns;
  shares.compute_text = fmt::format("{} of the {} roof ({:.3g} TFLOP/s)", percent(shares.compute),
                                    compute.name, compute.per_second / 1e12);
  shares.memory_text =
      fmt::format("{} of the {} bandwidth ({:.0f} GB/s){}", percent(shares.memory),
                  traffic.roof.name, traffic.roof.per_second / 1e9, traffic.read_again);
  shares.launch_text =
      fmt::format("It takes {:.2f} us, and the smallest step of this GPU {:.2f} us",
                  layer.time_ns / 1e3, roofs.step_ns / 1e3);
  return shares;
}

/// What the hardware says of a kernel that it ran by itself.
std::string counted(const cuda::KernelCounters& counters) {
  std::vector<std::string> parts;
  const auto add = [&](const std::optional<double>& share, std::string_view what) {
    if (share) parts.push_back(fmt::format("{} {}", percent(*share), what));
  };
  add(counters.issue_share, "of its cycles with an instruction for each scheduler");
  add(counters.tensor_share, "with work for the tensor cores");
  add(counters.warp_share, "of the warps that would fit");
  if (parts.empty()) return "";
  return fmt::format(" The hardware counts {}.", fmt::join(parts, ", "));
}

Explanation by_roofs(const LayerFacts& layer, cuda::Arithmetic arithmetic,
                     const cuda::GpuRoofs& roofs) {
  if (layer.time_ns <= 0)
    return {Bound::kUnknown, "Its time is below the resolution of the profiler."};
  const Shares shares = shares_of(layer, arithmetic, roofs);
  const bool short_lived = shares.launch >= kExplains;
  if (layer.only_movement && !short_lived) {
    return {Bound::kLayout, fmt::format("It only moves data: no arithmetic, {:.2f} MB, {}.",
                                        layer.bytes / 1e6, shares.memory_text)};
  }
  if (shares.compute >= kExplains && shares.compute >= shares.memory)
    return {Bound::kCompute, fmt::format("It reaches {}.", shares.compute_text)};
  if (shares.memory >= kExplains)
    return {Bound::kMemory, fmt::format("It reaches {}.", shares.memory_text)};
  if (short_lived) {
    return {Bound::kLaunch, fmt::format("{}: starting and handing over weigh as much as the work.",
                                        shares.launch_text)};
  }
  if (idle_share(layer.waves) >= kExplains) {
    return {
        Bound::kWave,
        fmt::format("Its blocks are {:.2f} for each multiprocessor, which leaves these idle for "
                    "{} of the time.",
                    layer.waves, percent(idle_share(layer.waves)))};
  }
  return {Bound::kUnknown,
          fmt::format("No roof explains it: it reaches {} and {}. {}.", shares.compute_text,
                      shares.memory_text, shares.launch_text)};
}

}  // namespace

double idle_share(double waves) { return waves > 0 ? 1 - waves / std::ceil(waves) : 0; }

Explanation explain_on_gpu(const LayerFacts& layer, cuda::Arithmetic arithmetic,
                           const cuda::GpuRoofs& roofs) {
  Explanation explanation = by_roofs(layer, arithmetic, roofs);
  if (layer.counters) explanation.evidence += counted(*layer.counters);
  return explanation;
}

}  // namespace nitro::profile
