#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace nitro::cuda {

class Tuning;

/// What a program is compiled for.
struct Target {
  int compute_capability = 90;  // 53: sm_53
  int64_t multiprocessors = 132;
  int64_t shared_bytes_per_block = 227 << 10;  // the most a block may ask for
  int64_t registers_per_block = 65536;
  /// Asynchronous tensor cores: compute capability 9.0, and a compiler for sm_90a.
  bool wgmma = false;
  std::shared_ptr<const Tuning> tuning = {};  // null: the rules decide

  bool operator==(const Target&) const = default;
};

/// The devices that every kernel is compiled for in the tests, by compute capability: the Jetson
/// Nano (53), Jetson Orin (87), H100 (90). Others get the limits that all of their generation have.
Target target_of(int compute_capability);

}  // namespace nitro::cuda
