#include "onnx/import_col2im.h"

#include "base/checked.h"
#include "onnx/require_operand.h"

namespace nitro::onnx {
namespace {

/// Largest product of channels and block for which the weights are written out.
constexpr int64_t kMaxWeights = int64_t{1} << 24;

struct Geometry {
  ConvTranspose op;
  Shape block;
  Shape blocks;  // how many there are along each spatial axis
};

/// Resolves the sizes of spatial axis `i`, which has `image` elements.
Result<void> add_axis(Geometry& geometry, size_t i, int64_t image) {
  ConvTranspose& op = geometry.op;
  const int64_t stride = op.strides[i];
  if (geometry.block[i] < 1 || stride < 1 || op.dilations[i] < 1 || image < 0 ||
      op.pads_before[i] < 0 || op.pads_after[i] < 0) {
    return fail(ErrorCode::kBadModel, "sizes of spatial axis {} are out of range", i);
  }
  const auto reach = checked_mul(op.dilations[i], geometry.block[i] - 1);
  const auto before = checked_add(image, op.pads_before[i]);
  const auto padded = before ? checked_add(*before, op.pads_after[i]) : std::nullopt;
  if (!reach || !padded || *padded <= *reach) {
    return fail(ErrorCode::kShapeMismatch, "the block does not fit spatial axis {}", i);
  }
  const int64_t room = *padded - *reach - 1;
  geometry.blocks.push_back(room / stride + 1);
  op.output_padding.push_back(room % stride);
  return {};
}

Result<Geometry> read_geometry(ImportNode& node) {
  const Ints image = TRY(node.require_integers(1));
  Geometry geometry;
  geometry.block = TRY(node.require_integers(2));
  const size_t rank = image.size();
  ConvTranspose& op = geometry.op;
  op.strides = TRY(node.integers("strides", Ints(rank, 1)));
  op.dilations = TRY(node.integers("dilations", Ints(rank, 1)));
  const Ints pads = TRY(node.integers("pads", Ints(2 * rank, 0)));
  if (geometry.block.size() != rank || op.strides.size() != rank || op.dilations.size() != rank ||
      pads.size() != 2 * rank) {
    return fail(ErrorCode::kBadModel, "image, block, strides, dilations and pads differ in rank");
  }
  const auto middle = pads.begin() + static_cast<int64_t>(rank);
  op.pads_before.assign(pads.begin(), middle);
  op.pads_after.assign(middle, pads.end());
  for (size_t i = 0; i < rank; ++i) TRY(add_axis(geometry, i, image[i]));
  return geometry;
}

/// [channels * block, 1, block…]: input channel i goes to its own position of the block.
Tensor one_hot_weights(DType dtype, int64_t channels, const Shape& block) {
  const int64_t positions = element_count(block);
  Shape shape{channels * positions, 1};
  shape.insert(shape.end(), block.begin(), block.end());
  std::vector<double> values(static_cast<size_t>(element_count(shape)), 0);
  for (int64_t i = 0; i < channels * positions; ++i) {
    values[static_cast<size_t>(i * positions + i % positions)] = 1;
  }
  return Tensor::of(dtype, std::move(shape), values);
}

}  // namespace

Result<std::vector<ValueId>> import_col2im(ImportNode& node) {
  const ValueId columns = TRY(require_operand(node, 0));
  if (node.rank(0) != 3) return fail(ErrorCode::kShapeMismatch, "the operand must have rank 3");
  Geometry geometry = TRY(read_geometry(node));
  const Shape& x = node.type(0).shape;
  const auto positions = checked_product(geometry.block);
  const auto blocks = checked_product(geometry.blocks);
  if (!positions || !blocks || x[1] % *positions != 0 || *blocks != x[2] || x[1] == 0) {
    return fail(ErrorCode::kShapeMismatch, "{} does not hold the blocks of the image", text(x));
  }
  if (*positions > kMaxWeights / x[1]) return node.unsupported("with blocks of this size");
  if (!is_float(node.type(0).dtype)) return node.unsupported("for integers");
  const ValueId weights =
      node.add_constant(one_hot_weights(node.type(0).dtype, x[1] / *positions, geometry.block));
  Shape spatial{x[0], x[1]};
  spatial.insert(spatial.end(), geometry.blocks.begin(), geometry.blocks.end());
  geometry.op.group = x[1] / *positions;
  return node.emit_all(std::move(geometry.op),
                       {TRY(node.reshape(columns, std::move(spatial))), weights});
}

}  // namespace nitro::onnx
