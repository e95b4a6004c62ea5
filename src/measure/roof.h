#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "measure/quality_note.h"

namespace nitro::measure {

/// The measured ceilings of so many threads together. A ceiling that this machine lacks (no such
/// cache, no instructions for it) or that could not be measured is nothing.
struct ThreadRoof {
  int threads = 1;
  /// Multiply and add count as two.
  double fp32_flops = 0;
  std::optional<double> int8_ops = {};
  /// The better of reading and of a triad a = b + s·c, within a footprint that fits the level.
  std::optional<double> l1_bytes_per_s = {};
  std::optional<double> l2_bytes_per_s = {};
  std::optional<double> l3_bytes_per_s = {};
  std::optional<double> dram_bytes_per_s = {};

  bool operator==(const ThreadRoof&) const = default;
};

/// The measured ceilings of this machine.
struct Roofs {
  /// By ascending thread count; never empty.
  std::vector<ThreadRoof> by_threads = {};
  /// From waking a sleeping thread to its first instruction, nanoseconds.
  double dispatch_ns = 0;
  /// The instruction sets of the kernels ("avx512f").
  std::string fp32_isa = {};
  std::string int8_isa = {};
  /// Whether the threads did not have the processors to themselves.
  bool disturbed = false;

  /// The roof of the smallest measured count that is >= `threads`, or else of the largest.
  const ThreadRoof& at(int threads) const;
  bool operator==(const Roofs&) const = default;
};

/// {"threads": {"1": {"fp32_flops", "int8_ops", "l1_bytes_per_s", "l2_bytes_per_s",
/// "l3_bytes_per_s", "dram_bytes_per_s"}, ...}, "dispatch_ns", "fp32_isa", "int8_isa", "disturbed"}
Json to_json(const Roofs& roofs);

/// Reads what to_json() writes. Fails with kBadFile on roofs that are missing, not positive, or
/// out of order.
Result<Roofs> roofs_from_json(const Json& json);

/// What is missing or doubtful.
std::vector<QualityNote> quality_notes(const Roofs& roofs);

/// Measures everything, in about 0.4 s per thread count: 1 to 4, then doubling, and all processors
/// that this process may use.
Roofs measure_roofs();

}  // namespace nitro::measure
