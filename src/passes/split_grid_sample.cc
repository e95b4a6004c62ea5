#include "passes/split_grid_sample.h"

#include <limits>

#include "passes/op_chain.h"

namespace nitro::passes {
namespace {

/// Of images [batch, channels, rows, columns] and their samples.
struct Sizes {
  int64_t batch, channels, rows, columns;
  int64_t points;  // of each image
  int64_t all() const { return batch * points; }
  int64_t pixels() const { return rows * columns; }
};

Sizes sizes_of(const Shape& x, const Shape& y) {
  return {x[0], x[1], x[2], x[3], element_count({y.begin() + 2, y.end()})};
}

bool is_split(const GridSample& op, const Shape& x, const Sizes& sizes) {
  if (op.mode != Interpolation::kLinear || op.padding == GridPadding::kReflection) return false;
  if (x.size() != 4 || sizes.rows < 2 || sizes.columns < 2) return false;
  return sizes.all() > 0 && sizes.channels > 0 &&
         sizes.batch * sizes.pixels() <= std::numeric_limits<int32_t>::max();
}

ValueId as(OpChain& chain, ValueId value, DType dtype) {
  return chain.type(value).dtype == dtype ? value : chain.add(Cast{dtype}, {value});
}

/// Two numbers, for x and y.
ValueId pair(OpChain& chain, DType dtype, double x, double y) {
  return chain.constant(Tensor::of<double>(dtype, {2}, {x, y}));
}

/// Column 0 (x) or 1 (y) of the last axis, which stays.
ValueId coordinate(OpChain& chain, ValueId value, int64_t which) {
  const Shape shape = chain.type(value).shape;
  if (shape.empty()) return kNoValue;  // after an error
  Slice slice{Ints(shape.size(), 0), shape, Ints(shape.size(), 1)};
  slice.starts.back() = which;
  slice.sizes.back() = 1;
  return chain.add(std::move(slice), {value});
}

/// Where the samples are in units of pixels, from the first: [all, 2].
ValueId positions(OpChain& chain, const GridSample& op, const Sizes& sizes, DType dtype) {
  const auto columns = static_cast<double>(sizes.columns), rows = static_cast<double>(sizes.rows);
  const double less = op.align_corners ? 1 : 0;
  const ValueId scale = pair(chain, dtype, (columns - less) / 2, (rows - less) / 2);
  const ValueId centre = pair(chain, dtype, (columns - 1) / 2, (rows - 1) / 2);
  const ValueId grid = chain.add(Reshape{{sizes.all(), 2}}, {chain.operand(1)});
  const ValueId scaled = chain.binary(BinaryKind::kMul, as(chain, grid, dtype), scale);
  const ValueId at = chain.binary(BinaryKind::kAdd, scaled, centre);
  if (op.padding == GridPadding::kZeros) return at;
  const ValueId last = pair(chain, dtype, columns - 1, rows - 1);
  return chain.binary(BinaryKind::kMin, chain.unary(UnaryKind::kRelu, at), last);
}

/// Of the 2x2 pixels from `first` on: [4, all, 1]. A pixel's weight falls from 1 to 0 over a
/// distance of one pixel along each axis, so that what lies outside of the image counts for nothing
/// without being asked for.
ValueId weights(OpChain& chain, ValueId at, ValueId first, const Sizes& sizes, DType dtype) {
  const ValueId steps = chain.constant(Tensor::of<double>(dtype, {2, 1, 1}, {0, 1}));
  const ValueId beyond = chain.binary(BinaryKind::kSub, at, first);
  const ValueId away = chain.unary(UnaryKind::kAbs, chain.binary(BinaryKind::kSub, beyond, steps));
  const ValueId near = chain.binary(BinaryKind::kSub, chain.scalar(1, at), away);
  const ValueId by_axis = chain.unary(UnaryKind::kRelu, near);
  const ValueId across = coordinate(chain, by_axis, 0);
  const ValueId down = chain.add(Reshape{{2, 1, sizes.all(), 1}}, {coordinate(chain, by_axis, 1)});
  return chain.add(Reshape{{4, sizes.all(), 1}}, {chain.binary(BinaryKind::kMul, down, across)});
}

/// The rows of those pixels among the pixels of all images: i32[4, all]. In integers, since f16, to
/// which a runtime may turn all floating-point numbers, does not tell large indices apart.
ValueId indices(OpChain& chain, ValueId first, const Sizes& sizes) {
  const auto constant = [&](Shape shape, const std::vector<int64_t>& values) {
    return chain.constant(Tensor::of(DType::kI32, std::move(shape), values));
  };
  const ValueId corner = as(chain, first, DType::kI32);
  const ValueId row =
      chain.binary(BinaryKind::kMul, coordinate(chain, corner, 1), constant({1}, {sizes.columns}));
  ValueId index = chain.binary(BinaryKind::kAdd, row, coordinate(chain, corner, 0));
  if (sizes.batch > 1) {
    std::vector<int64_t> images;
    for (int64_t i = 0; i < sizes.batch; ++i) images.push_back(i * sizes.pixels());
    index = chain.add(Reshape{{sizes.batch, sizes.points}}, {index});
    index = chain.binary(BinaryKind::kAdd, index, constant({sizes.batch, 1}, images));
  }
  index = chain.add(Reshape{{1, sizes.all()}}, {index});
  const ValueId steps = constant({4, 1}, {0, 1, sizes.columns, sizes.columns + 1});
  return chain.binary(BinaryKind::kAdd, index, steps);
}

}  // namespace

Result<bool> split_grid_sample(Rewriter& rewriter, const Node& node, const GridSample& op) {
  const TensorType x = rewriter.source().type(node.inputs[0]);
  const Shape& out = rewriter.source().type(node.outputs[0]).shape;
  const Sizes sizes = x.rank() == 4 ? sizes_of(x.shape, out) : Sizes{};
  if (!is_split(op, x.shape, sizes)) return false;
  OpChain chain(rewriter, node);
  const bool wide = x.dtype == DType::kF64 || chain.type(chain.operand(1)).dtype == DType::kF64;
  const DType dtype = wide ? DType::kF64 : DType::kF32;

  const ValueId at = positions(chain, op, sizes, dtype);
  const ValueId last_first = pair(chain, dtype, static_cast<double>(sizes.columns - 2),
                                  static_cast<double>(sizes.rows - 2));
  const ValueId inside =
      chain.binary(BinaryKind::kMin, chain.unary(UnaryKind::kRelu, at), last_first);
  const ValueId first = chain.unary(UnaryKind::kFloor, inside);

  const ValueId channels_last = chain.add(Transpose{{0, 2, 3, 1}}, {chain.operand(0)});
  const ValueId pixels =
      chain.add(Reshape{{sizes.batch * sizes.pixels(), sizes.channels}}, {channels_last});
  const ValueId taken = chain.add(Gather{0}, {pixels, indices(chain, first, sizes)});
  const ValueId weighted = chain.binary(BinaryKind::kMul, as(chain, taken, dtype),
                                        weights(chain, at, first, sizes, dtype));
  const ValueId sum = chain.add(Reduce{ReduceKind::kSum, {0}, false}, {weighted});
  const ValueId by_image =
      chain.add(Reshape{{sizes.batch, sizes.points, sizes.channels}}, {as(chain, sum, x.dtype)});
  const ValueId planes = chain.add(Transpose{{0, 2, 1}}, {by_image});
  return chain.give(chain.add(Reshape{out}, {planes}));
}

}  // namespace nitro::passes
