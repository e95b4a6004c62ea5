#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ir/opaque.h"
#include "ir/ops_elementwise.h"
#include "ir/ops_fused.h"
#include "ir/ops_indexing.h"
#include "ir/ops_linear.h"
#include "ir/ops_movement.h"
#include "ir/ops_normalization.h"
#include "ir/ops_pooling.h"
#include "ir/ops_quantization.h"

namespace nitro {

/// Every operation of the IR. An op listed here must have infer() in ir/, cost() in cost/ and
/// evaluate() in reference/: one that lacks any of them does not link.
using AnyOp =
    std::variant<Unary, Activation, Gelu, Clip, Binary, Where, Cast, Reshape, Transpose, Expand,
                 Slice, Concat, Split, Pad, Tile, DepthToSpace, SpaceToDepth, Trilu, Gather,
                 GatherElements, GatherND, ScatterElements, ScatterND, OneHot, TopK, ArgReduce,
                 CumSum, ReverseSequence, MatMul, Gemm, Einsum, Conv, ConvTranspose, Attention,
                 ProjectedAttention, LayerNormalization, SkipLayerNormalization, RMSNormalization,
                 GroupNormalization, BatchNormalization, LpNormalization, LRN, Softmax, Pool,
                 Reduce, Resize, GridSample, QuantizeLinear, DequantizeLinear,
                 DynamicQuantizeLinear, MatMulInteger, ConvInteger, Opaque>;

/// One of AnyOp. A type of its own so that what a variant of this many types needs for copying,
/// comparing and destroying is compiled once and not in each file that has a graph.
struct Op : AnyOp {
  using AnyOp::AnyOp;
  Op() = default;
  Op(const Op& other);
  Op(Op&& other) noexcept;
  Op& operator=(const Op& other);
  Op& operator=(Op&& other) noexcept;
  ~Op();
  bool operator==(const Op& other) const;
};

/// The name a person knows the op by: that of ONNX, for example "Sigmoid", "ReduceMean", "MaxPool".
std::string display_name(const Op& op);

}  // namespace nitro
