#include "cuda/panels.h"

#include "cuda/attention_layout.h"
#include "cuda/gemm_tile.h"

namespace nitro::cuda {

void use_panels(plan::Plan& plan, const Target& target) {
  if (target.compute_capability < 90) return;
  const BufferUses uses(plan);
  PanelLayout layout(plan, uses, target);
  std::vector<bool> fused(plan.steps.size());
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    plan::Gemm* product = std::get_if<plan::Gemm>(&plan.steps[i].kernel);
    if (!product) continue;
    const std::optional<size_t> reader = uses.only_reader(plan, product->out.buffer);
    auto* attention = reader ? std::get_if<plan::Attention>(&plan.steps[*reader].kernel) : nullptr;
    fused[i] =
        attention && fuse_projection(plan, plan.steps[i], plan.steps[*reader], layout, target);
    if (fused[i]) continue;
    if (const auto tile = panel_tile(plan, *product, target))
      layout.lay(*product, tile->m, product->m);
    if (attention) lay_heads(plan, *product, *attention, target);
  }
  size_t i = 0;
  std::erase_if(plan.steps, [&](const plan::Step&) { return fused[i++]; });
}

}  // namespace nitro::cuda
