#pragma once

#include <string>
#include <string_view>

#include "cuda/attention_tile.h"
#include "cuda/gemm_tile.h"

namespace nitro::cuda {

/// What a product's config says of column_scales and quantum.
std::string epilogue_text(const plan::Plan& plan, const plan::Gemm& gemm);

// The constants of a step as the struct `name` that its kernel is instantiated with.

std::string gemm_config(std::string_view name, const plan::Plan& plan, const plan::Gemm& gemm,
                        const GemmTile& tile);
std::string attention_config(std::string_view name, const plan::Plan& plan,
                             const plan::Attention& attention, const AttentionTile& tile);

/// multiply_tile() of kernels/panel_wgmma.cuh for tiles of `columns`: the instruction's name and
/// its operands hold that number.
std::string multiply_tile_text(int64_t columns);

}  // namespace nitro::cuda
