#pragma once

#include "plan/element_site.h"

namespace nitro::plan {

/// Rows that a node computes together, for example those of a LayerNorm. Element c of row r is
/// element (r / inner * length + c) * inner + r % inner of the first output.
struct Rows {
  int64_t length = 1;
  int64_t inner = 1;
};

/// The row that an element belongs to, and the element of the row at c.
Index row_of(Writer& w, const Rows& rows, const Index& element);
Index element_of(Writer& w, const Rows& rows, const Index& row, const Index& c);

/// Writes the code of an element of any op that has some.
std::string element_code(const Site& site);

// One function per op: the name or expression of the element at a site. An op without one here is
// refused.
std::string code(const Unary& op, const Site& site);
std::string code(const nitro::Activation& op, const Site& site);
std::string code(const Gelu& op, const Site& site);
std::string code(const Clip& op, const Site& site);
std::string code(const Binary& op, const Site& site);
std::string code(const Where& op, const Site& site);
std::string code(const Cast& op, const Site& site);

std::string code(const Reshape& op, const Site& site);
std::string code(const Transpose& op, const Site& site);
std::string code(const Expand& op, const Site& site);
std::string code(const Slice& op, const Site& site);
std::string code(const Concat& op, const Site& site);
std::string code(const Split& op, const Site& site);
std::string code(const Pad& op, const Site& site);
std::string code(const Tile& op, const Site& site);
std::string code(const DepthToSpace& op, const Site& site);
std::string code(const SpaceToDepth& op, const Site& site);
std::string code(const Trilu& op, const Site& site);

std::string code(const Gather& op, const Site& site);
std::string code(const GatherElements& op, const Site& site);
std::string code(const GatherND& op, const Site& site);
std::string code(const ScatterElements& op, const Site& site);
std::string code(const ScatterND& op, const Site& site);
std::string code(const OneHot& op, const Site& site);
std::string code(const TopK& op, const Site& site);
std::string code(const ArgReduce& op, const Site& site);
std::string code(const CumSum& op, const Site& site);
std::string code(const ReverseSequence& op, const Site& site);

std::string code(const MatMul& op, const Site& site);
std::string code(const nitro::Gemm& op, const Site& site);
std::string code(const Einsum& op, const Site& site);
std::string code(const Conv& op, const Site& site);
std::string code(const ConvTranspose& op, const Site& site);
std::string code(const nitro::Attention& op, const Site& site);
std::string code(const ProjectedAttention& op, const Site& site);
std::string code(const MatMulInteger& op, const Site& site);
std::string code(const ConvInteger& op, const Site& site);

std::string code(const LayerNormalization& op, const Site& site);
std::string code(const SkipLayerNormalization& op, const Site& site);
std::string code(const RMSNormalization& op, const Site& site);
std::string code(const GroupNormalization& op, const Site& site);
std::string code(const BatchNormalization& op, const Site& site);
std::string code(const LpNormalization& op, const Site& site);
std::string code(const LRN& op, const Site& site);
std::string code(const Softmax& op, const Site& site);

std::string code(const Pool& op, const Site& site);
std::string code(const Reduce& op, const Site& site);
std::string code(const Resize& op, const Site& site);
std::string code(const GridSample& op, const Site& site);

std::string code(const QuantizeLinear& op, const Site& site);
std::string code(const DequantizeLinear& op, const Site& site);
std::string code(const DynamicQuantizeLinear& op, const Site& site);

// Ops that compute rows together: where they do.
Rows rows_of(const LayerNormalization& op, const Graph& graph, const Node& node);
Rows rows_of(const SkipLayerNormalization& op, const Graph& graph, const Node& node);
Rows rows_of(const RMSNormalization& op, const Graph& graph, const Node& node);
Rows rows_of(const GroupNormalization& op, const Graph& graph, const Node& node);
Rows rows_of(const LpNormalization& op, const Graph& graph, const Node& node);
Rows rows_of(const Softmax& op, const Graph& graph, const Node& node);
Rows rows_of(const DynamicQuantizeLinear& op, const Graph& graph, const Node& node);
Rows rows_of(const nitro::Attention& op, const Graph& graph, const Node& node);
Rows rows_of(const ProjectedAttention& op, const Graph& graph, const Node& node);

/// Ops each of whose elements sums over many: how many of them lie next to each other in memory,
/// for the lanes of a warp to share.
int64_t summed(const Reduce& op, const Graph& graph, const Node& node);
int64_t summed(const MatMul& op, const Graph& graph, const Node& node);
int64_t summed(const nitro::Gemm& op, const Graph& graph, const Node& node);

}  // namespace nitro::plan
