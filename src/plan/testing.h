#pragma once

#include <functional>
#include <span>
#include <vector>

#include "plan/lowering.h"

namespace nitro::plan {

/// The memory of a plan as it runs on the processor: every byte is 0xFF until something writes it.
class HostMemory {
 public:
  HostMemory(const Plan& plan, std::span<const Tensor> inputs);

  std::byte* data(BufferId buffer) { return data_[buffer]; }
  Tensor read(BufferId buffer) const;
  void write(BufferId buffer, const std::vector<double>& numbers);

 private:
  const Plan& plan_;
  std::vector<std::byte> arena_;
  std::vector<std::vector<std::byte>> own_;
  std::vector<std::byte*> data_;
};

/// Runs the Loop that is this step.
using RunLoop = std::function<void(size_t step, HostMemory& memory)>;

/// The outputs of a plan: products and attentions in double, stored as the plan says; loops by
/// `run_loop`.
std::vector<Tensor> execute(const Plan& plan, std::span<const Tensor> inputs,
                            const RunLoop& run_loop);

/// Runs loops by the reference, node by node, values between them exact.
RunLoop loops_by_reference(Lowering& lowering);

}  // namespace nitro::plan
