#pragma once

#include "cuda/panel_layout.h"

namespace nitro::cuda {

/// Rows of the panels that attention reads.
inline constexpr int64_t kAttentionPanel = 64;

/// Lets products whose rows are written to all of a buffer in another order compute them in the
/// order of the buffer, so that a reader finds a batch's rows in one tile.
void order_rows(plan::Plan& plan);

/// Whether q, k and v of the attention are in panels now (plan::Attention::panel_rows), as only
/// `product` makes them.
bool lay_heads(plan::Plan& plan, plan::Gemm& product, plan::Attention& attention,
               const Target& target);

/// Whether `attention`, the only reader of `product`, is now a plan::WindowAttention, and `product`
/// is needed no more.
bool fuse_projection(plan::Plan& plan, plan::Step& product, plan::Step& attention,
                     PanelLayout& layout, const Target& target);

}  // namespace nitro::cuda
