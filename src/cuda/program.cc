#include "cuda/program.h"

#include "cuda/program_families.h"

namespace nitro::cuda {

Result<Program> program_for(const plan::Plan& plan, const plan::Step& step, const Target& target) {
  return in_context(
      std::visit([&](const auto& kernel) { return program_of(plan, kernel, target); }, step.kernel),
      step.name);
}

}  // namespace nitro::cuda
