#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ir/ops_movement.h"

namespace nitro {

/// alpha * A @ B with NumPy broadcasting of the leading axes, ranks at least 2; a transposed
/// operand swaps its last two axes.
struct MatMul {
  bool transpose_a = false;
  bool transpose_b = false;
  double alpha = 1;
  static constexpr std::string_view kName = "MatMul";
  static constexpr auto fields() {
    return std::tuple(field("transpose_a", &MatMul::transpose_a),
                      field("transpose_b", &MatMul::transpose_b), field("alpha", &MatMul::alpha));
  }
  bool operator==(const MatMul&) const = default;
};

/// alpha * A @ B + beta * C on matrices; C (optional) broadcasts to the result.
struct Gemm {
  bool transpose_a = false;
  bool transpose_b = false;
  double alpha = 1;
  double beta = 1;
  static constexpr std::string_view kName = "Gemm";
  static constexpr auto fields() {
    return std::tuple(field("transpose_a", &Gemm::transpose_a),
                      field("transpose_b", &Gemm::transpose_b), field("alpha", &Gemm::alpha),
                      field("beta", &Gemm::beta));
  }
  bool operator==(const Gemm&) const = default;
};

/// Explicit output form ("ij,jk->ik"); an ellipsis is already expanded to letters. An axis of
/// length 1 broadcasts to the other lengths of its letter.
struct Einsum {
  std::string equation;
  static constexpr std::string_view kName = "Einsum";
  static constexpr auto fields() { return std::tuple(field("equation", &Einsum::equation)); }
  bool operator==(const Einsum&) const = default;
};

/// Inputs x [N,C,spatial…], w [M,C/group,kernel…], bias [M] (optional). Resolved padding.
struct Conv {
  Ints strides;
  Ints dilations;
  Ints pads_before;
  Ints pads_after;
  int64_t group = 1;
  static constexpr std::string_view kName = "Conv";
  static constexpr auto fields() {
    return std::tuple(field("strides", &Conv::strides), field("dilations", &Conv::dilations),
                      field("pads_before", &Conv::pads_before),
                      field("pads_after", &Conv::pads_after), field("group", &Conv::group));
  }
  bool operator==(const Conv&) const = default;
};

/// Inputs x [N,C,spatial…], w [C,M/group,kernel…], bias [M] (optional).
struct ConvTranspose {
  Ints strides;
  Ints dilations;
  Ints pads_before;
  Ints pads_after;
  Ints output_padding;
  int64_t group = 1;
  static constexpr std::string_view kName = "ConvTranspose";
  static constexpr auto fields() {
    return std::tuple(field("strides", &ConvTranspose::strides),
                      field("dilations", &ConvTranspose::dilations),
                      field("pads_before", &ConvTranspose::pads_before),
                      field("pads_after", &ConvTranspose::pads_after),
                      field("output_padding", &ConvTranspose::output_padding),
                      field("group", &ConvTranspose::group));
  }
  bool operator==(const ConvTranspose&) const = default;
};

/// softmax(scale * Q @ K^T + bias, causal) @ V. Inputs q, k, v and an optional bias that broadcasts
/// to [batch, heads, queries, keys] (bool: false masks out). Rank 4: [batch, heads, tokens, head
/// dim]; rank 3: [batch, tokens, heads * head dim]. Fewer key heads than query heads are shared in
/// groups. Causal: query i sees the keys up to i. A query that sees no key gives zeros.
struct Attention {
  int64_t heads = 0;      // of q, needed for rank 3
  int64_t key_heads = 0;  // of k and v
  double scale = 1;
  bool causal = false;
  double softcap = 0;  // 0: none; else c * tanh(scores / c) before the bias is added
  static constexpr std::string_view kName = "Attention";
  static constexpr auto fields() {
    return std::tuple(field("heads", &Attention::heads), field("key_heads", &Attention::key_heads),
                      field("scale", &Attention::scale), field("causal", &Attention::causal),
                      field("softcap", &Attention::softcap));
  }
  bool operator==(const Attention&) const = default;
};

}  // namespace nitro
