#pragma once

#include "passes/pass.h"

namespace nitro::passes {

// The run functions of the passes, one file each; pass.cc lists them.
Result<bool> batch_modalities(Graph& graph, const Parameters& parameters);
Result<bool> convert_f16(Graph& graph, const Parameters& parameters);
Result<bool> deepen_masks(Graph& graph, const Parameters& parameters);
Result<bool> eliminate_dead_code(Graph& graph, const Parameters& parameters);
Result<bool> fold_attention_scale(Graph& graph, const Parameters& parameters);
Result<bool> fold_batch_norm(Graph& graph, const Parameters& parameters);
Result<bool> fold_constants(Graph& graph, const Parameters& parameters);
Result<bool> fold_input_normalization(Graph& graph, const Parameters& parameters);
Result<bool> fold_layer_norm(Graph& graph, const Parameters& parameters);
Result<bool> fold_replicated_input(Graph& graph, const Parameters& parameters);
Result<bool> fuse_attention(Graph& graph, const Parameters& parameters);
Result<bool> fuse_bias_gelu(Graph& graph, const Parameters& parameters);
Result<bool> fuse_gelu(Graph& graph, const Parameters& parameters);
Result<bool> fuse_layer_norm(Graph& graph, const Parameters& parameters);
Result<bool> fuse_skip_layer_norm(Graph& graph, const Parameters& parameters);
Result<bool> hoist_gathers(Graph& graph, const Parameters& parameters);
Result<bool> keep_class_token(Graph& graph, const Parameters& parameters);
Result<bool> low_rank(Graph& graph, const Parameters& parameters);
Result<bool> lower_linear(Graph& graph, const Parameters& parameters);
Result<bool> lower_patch_embedding(Graph& graph, const Parameters& parameters);
Result<bool> merge_common_subexpressions(Graph& graph, const Parameters& parameters);
Result<bool> merge_linears(Graph& graph, const Parameters& parameters);
Result<bool> migrate_scales(Graph& graph, const Parameters& parameters);
Result<bool> order_operands(Graph& graph, const Parameters& parameters);
Result<bool> prune_heads(Graph& graph, const Parameters& parameters);
Result<bool> prune_neurons(Graph& graph, const Parameters& parameters);
Result<bool> remove_blocks(Graph& graph, const Parameters& parameters);
Result<bool> quantize_int8(Graph& graph, const Parameters& parameters);
Result<bool> quantize_weights(Graph& graph, const Parameters& parameters);
Result<bool> remove_identities(Graph& graph, const Parameters& parameters);
Result<bool> separate_modalities(Graph& graph, const Parameters& parameters);
Result<bool> sink_transposes(Graph& graph, const Parameters& parameters);
Result<bool> split_fused_ops(Graph& graph, const Parameters& parameters);
Result<bool> window_order(Graph& graph, const Parameters& parameters);

}  // namespace nitro::passes
