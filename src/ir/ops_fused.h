#pragma once

#include <cstdint>
#include <string_view>

#include "ir/fields.h"

namespace nitro {

/// Self-attention with its input projection. Inputs x [batch, tokens, C], w [C, 3D], b [3D], and an
/// optional bias that broadcasts to [batch, heads, tokens, tokens]. The columns of w are q, k, v, each
/// head by head. Gives softmax(scale * q @ k^T + bias) @ v as [batch, tokens, D].
struct ProjectedAttention {
  int64_t heads = 1;
  double scale = 1;
  static constexpr std::string_view kName = "ProjectedAttention";
  static constexpr auto fields() {
    return std::tuple(field("heads", &ProjectedAttention::heads), field("scale", &ProjectedAttention::scale));
  }
  bool operator==(const ProjectedAttention&) const = default;
};

}  // namespace nitro
