#include <algorithm>
#include <cmath>

#include "ir/window.h"

namespace nitro {

template <>
Result<Types> infer(const Resize& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  const size_t rank = in[0].shape.size();
  const bool crops = op.coordinates == ResizeCoordinates::kCropAndResize;
  TRY(check_spatial(op.sizes, in));
  TRY(check_spatial(in[0].shape, in));
  TRY(in.expect()
          .that(op.scales.size() == rank && op.sizes.size() == rank,
                "scales and sizes need one entry per axis")
          .that(std::ranges::all_of(op.scales,
                                    [](double scale) { return scale > 0 && std::isfinite(scale); }),
                "scales must be positive")
          .that(!op.antialias ||
                    std::ranges::all_of(op.scales, [](double scale) { return scale > 1e-6; }),
                "an antialiased axis shrinks too much")
          .that(op.region.size() == 2 * rank || (op.region.empty() && !crops),
                "the region needs starts and ends per axis")
          .that(std::ranges::all_of(op.region, [](double edge) { return std::isfinite(edge); }),
                "the region must be finite")
          .done());
  const TensorType type{in[0].dtype, op.sizes};
  TRY(check_shape(type.shape, type.dtype));
  TRY(in.expect()
          .that(in[0].elements() > 0 || type.elements() == 0, "an empty tensor cannot be enlarged")
          .done());
  return Types{type};
}

template <>
Result<Types> infer(const GridSample&, const Operands& in) {
  TRY(in.expect()
          .count(2, 2)
          .floating(0)
          .floating(1)
          .rank_at_least(0, 3)
          .rank(1, in.has(0) ? in[0].rank() : 0)
          .done());
  const Shape& x = in[0].shape;
  const Shape& grid = in[1].shape;
  TRY(check_spatial(x, in));
  TRY(in.expect()
          .that(x[0] == grid[0], "the batch sizes differ")
          .that(grid.back() == in[0].rank() - 2, "the grid needs one coordinate per spatial axis")
          .done());
  TensorType type{in[0].dtype, {x[0], x[1]}};
  type.shape.insert(type.shape.end(), grid.begin() + 1, grid.end() - 1);
  TRY(check_shape(type.shape, type.dtype));
  TRY(in.expect()
          .that(in[0].elements() > 0 || type.elements() == 0, "an empty tensor cannot be sampled")
          .done());
  return Types{type};
}

}  // namespace nitro
