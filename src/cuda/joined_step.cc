#include "cuda/joined_step.h"

#include <algorithm>
#include <iterator>

namespace nitro::cuda {
namespace {

double bytes_of(const plan::Plan& plan, std::vector<plan::BufferId> buffers) {
  std::ranges::sort(buffers);
  const auto repeated = std::ranges::unique(buffers);
  buffers.erase(repeated.begin(), repeated.end());
  double sum = 0;
  for (const plan::BufferId buffer : buffers) {
    sum += static_cast<double>(plan.buffers[buffer].type.bytes());
  }
  return sum;
}

}  // namespace

plan::Step joined_step(const plan::Plan& plan, const std::vector<const plan::Step*>& steps,
                       plan::Kernel kernel) {
  plan::Step joined;
  for (const plan::Step* step : steps) {
    joined.name += (joined.name.empty() ? "" : " + ") + step->name;
    joined.cost.flops += step->cost.flops;
    std::vector<OriginId> both;
    std::ranges::set_union(joined.origins, step->origins, std::back_inserter(both));
    joined.origins = std::move(both);
  }
  joined.cost.bytes_read = bytes_of(plan, plan::reads(kernel));
  joined.cost.bytes_written = bytes_of(plan, plan::writes(kernel));
  joined.kernel = std::move(kernel);
  return joined;
}

}  // namespace nitro::cuda
