#include "cuda/target.h"

#include <algorithm>
#include <array>

namespace nitro::cuda {
namespace {

// From the table of technical specifications in NVIDIA's CUDA C++ Programming Guide.
constexpr std::array kKnown = {
    Target{53, 1, 48 << 10, 32768},     // Jetson Nano
    Target{75, 40, 64 << 10, 65536},    // T4
    Target{80, 108, 163 << 10, 65536},  // A100
    Target{86, 84, 99 << 10, 65536},
    Target{87, 8, 163 << 10, 65536},    // Jetson Orin Nano
    Target{89, 128, 99 << 10, 65536},
    Target{90, 132, 227 << 10, 65536},  // H100
};
constexpr Target kOldest{50, 1, 48 << 10, 32768};

}  // namespace

Target target_of(int compute_capability) {
  Target found = kOldest;
  for (const Target& known : kKnown) {
    if (known.compute_capability <= compute_capability) found = known;
  }
  found.compute_capability = compute_capability;
  found.wgmma = compute_capability == 90;
  return found;
}

}  // namespace nitro::cuda
