#include "cuda/shipped_tuning.h"

#include <cassert>

#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

/// An H100 or H200.
bool is_hopper(const Target& target) {
  return target.compute_capability == 90 && target.multiprocessors == 132 && target.wgmma;
}

}  // namespace

Tuning shipped_tuning(const Target& target) {
  if (!is_hopper(target)) return {};
  Result<Tuning> tuning = Tuning::parse(std::string(embedded::h100_json));
  assert(tuning && "the record is part of the program");
  return tuning ? std::move(*tuning) : Tuning();
}

}  // namespace nitro::cuda
