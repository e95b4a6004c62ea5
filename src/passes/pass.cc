#include "passes/pass.h"

#include <array>

#include "base/text.h"
#include "ir/verify.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

constexpr std::array kPasses = {
    Pass{"batch-modalities", "modalities that share weights run as one batch", batch_modalities,
         "grey modalities"},
    Pass{"convert-f16", "half precision, but for what it has not the range or bits for",
         convert_f16, "calibration islands margin skip", PassKind::kLossy},
    Pass{"deepen-masks", "what masks leave of a softmax weight becomes 0 instead of subnormal",
         deepen_masks},
    Pass{"eliminate-dead-code", "drop nodes and constants that nobody reads", eliminate_dead_code},
    Pass{"fold-attention-scale", "multiply the attention scale into the weights of q",
         fold_attention_scale},
    Pass{"fold-batch-norm", "fold inference batch normalisation into the convolution before it",
         fold_batch_norm},
    Pass{"fold-constants", "compute what depends on constants alone", fold_constants},
    Pass{"fold-input-normalization",
         "fold the mean and deviation of the input into the first convolution",
         fold_input_normalization},
    Pass{"fold-layer-norm", "fold scale and shift of a LayerNorm into the linear layers after it",
         fold_layer_norm},
    Pass{"fold-replicated-input", "a channel replicated to three becomes a one-channel convolution",
         fold_replicated_input},
    Pass{"fuse-attention", "projection, scores, bias, mask, softmax and product as one attention",
         fuse_attention},
    Pass{"fuse-bias-gelu", "bias and GELU as one op", fuse_bias_gelu},
    Pass{"fuse-gelu", "recognise GELU in its exported forms", fuse_gelu},
    Pass{"fuse-layer-norm", "recognise decomposed LayerNorm", fuse_layer_norm},
    Pass{"fuse-skip-layer-norm", "residual sum and LayerNorm as one op", fuse_skip_layer_norm},
    Pass{"hoist-gathers", "move permutations before token-wise layers and join them",
         hoist_gathers},
    Pass{"keep-class-token", "drop tokens that a class-token head never reads", keep_class_token},
    Pass{"low-rank", "linear layers as two that multiply less", low_rank,
         "calibration loss tile gain layers", PassKind::kLossy},
    Pass{"lower-linear", "linear layers as Gemm on rows, with the bias inside", lower_linear},
    Pass{"lower-patch-embedding", "a convolution whose stride is its kernel as a Gemm",
         lower_patch_embedding},
    Pass{"merge-common-subexpressions", "compute equal values once", merge_common_subexpressions},
    Pass{"merge-linears", "linear layers that read one value as one product", merge_linears},
    Pass{"migrate-scales",
         "channels of a LayerNorm by their range, and the weights after it the other way, for 8 "
         "bits",
         migrate_scales, "calibration strength"},
    Pass{"order-operands", "constants of sums and products as the second operand", order_operands},
    Pass{"prune-heads", "attention with fewer heads, the output projection made up for it",
         prune_heads, "calibration keep ridge", PassKind::kLossy},
    Pass{"prune-neurons", "MLPs with fewer neurons, the second layer made up for it", prune_neurons,
         "calibration keep tile ridge", PassKind::kLossy},
    Pass{"quantize-int8", "products and convolutions of 8-bit integers, by a calibration",
         quantize_int8, "calibration method min_macs skip weights", PassKind::kLossy},
    Pass{"quantize-weights", "weights of 8-bit integers for layers that read little else",
         quantize_weights, "min_share skip", PassKind::kLossy},
    Pass{"remove-blocks", "residual branches replaced by their best affine approximation",
         remove_blocks, "calibration branches by ridge share", PassKind::kLossy},
    Pass{"remove-identities", "drop no-ops and join consecutive reshapes and transposes",
         remove_identities},
    Pass{"separate-modalities",
         "a copy of the model for each modality, with shared weights, that other passes may change "
         "differently",
         separate_modalities, "grey modalities"},
    Pass{"sink-transposes", "drop transposes around what can be computed without", sink_transposes},
    Pass{"split-fused-ops",
         "ops that older runtimes lack as several that they have; normalisations centred first, by "
         "products instead of powers, those of f16 in f32",
         split_fused_ops, "keep"},
    Pass{"window-order", "keep tokens in window order through token-wise layers", window_order},
};

}  // namespace

std::string_view name(PassKind kind) { return kind == PassKind::kExact ? "exact" : "lossy"; }

std::span<const Pass> all_passes() { return kPasses; }

Result<const Pass*> find_pass(std::string_view name) {
  std::vector<std::string> names;
  for (const Pass& pass : kPasses) {
    if (pass.name == name) return &pass;
    names.emplace_back(pass.name);
  }
  const std::string near = closest(name, names);
  return fail_with_hint(
      ErrorCode::kBadRecipe, fmt::format("there is no pass '{}'", display(name)),
      near.empty() ? "nitro passes lists them" : fmt::format("did you mean '{}'?", near));
}

Result<bool> run_pass(const Pass& pass, Graph& graph, const Parameters& parameters) {
  const std::string place = fmt::format("pass {}", pass.name);
  for (const auto& [key, value] : parameters) {
    bool known = false;
    for (std::string_view allowed : split(pass.parameters, ' ')) known = known || allowed == key;
    if (!known) return fail(ErrorCode::kBadRecipe, "{} has no parameter '{}'", place, display(key));
  }
  Graph copy = graph;
  const bool changed = TRY(in_context(pass.run(copy, parameters), place));
  if (!changed) return false;
  TRY(in_context(verify(copy), place));
  graph = std::move(copy);
  return true;
}

Result<void> run_passes(Graph& graph, const std::vector<std::string_view>& names) {
  for (std::string_view name : names) {
    const Pass* pass = TRY(find_pass(name));
    TRY(pass->run(graph, {}));
  }
  return {};
}

}  // namespace nitro::passes
