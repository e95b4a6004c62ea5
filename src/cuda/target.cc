#include "cuda/target.h"

#include <algorithm>
#include <array>

namespace nitro::cuda {
namespace {

struct Known {
  int compute_capability;
  int64_t multiprocessors;
  int64_t shared_bytes_per_block;
  int64_t registers_per_block;
};

// From the table of technical specifications in NVIDIA's CUDA C++ Programming Guide.
constexpr std::array kKnown = {
    Known{53, 1, 48 << 10, 32768},                                       // Jetson Nano
    Known{75, 40, 64 << 10, 65536},                                      // T4
    Known{80, 108, 163 << 10, 65536},                                    // A100
    Known{86, 84, 99 << 10, 65536},   Known{87, 8, 163 << 10, 65536},    // Jetson Orin Nano
    Known{89, 128, 99 << 10, 65536},  Known{90, 132, 227 << 10, 65536},  // H100
};
constexpr Known kOldest{50, 1, 48 << 10, 32768};

}  // namespace

Target target_of(int compute_capability) {
  Known found = kOldest;
  for (const Known& known : kKnown) {
    if (known.compute_capability <= compute_capability) found = known;
  }
  return {compute_capability, found.multiprocessors, found.shared_bytes_per_block,
          found.registers_per_block, compute_capability == 90};
}

}  // namespace nitro::cuda
