#include <algorithm>

#include "cost/cost.h"

namespace nitro::cost {
namespace {

/// Every result written, and as many bytes read.
Cost copy_of_results(const Shapes& shapes) {
  double bytes = 0;
  for (const TensorType& type : shapes.out) bytes += static_cast<double>(type.bytes());
  return {0, bytes, bytes};
}

}  // namespace

/// Only another view of the same bytes.
template <>
Cost cost(const Reshape&, const Shapes&) {
  return {};
}

template <>
Cost cost(const Transpose&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const Expand&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const Slice&, const Shapes& shapes) {
  return copy_of_results(shapes);
}

template <>
Cost cost(const Concat&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const Split&, const Shapes& shapes) {
  return copy_of_results(shapes);
}

/// Padding by negative amounts reads only what is left.
template <>
Cost cost(const Pad&, const Shapes& shapes) {
  Cost result = streaming(0, shapes);
  result.bytes_read = std::min(result.bytes_read, result.bytes_written);
  return result;
}

template <>
Cost cost(const Tile&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const DepthToSpace&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const SpaceToDepth&, const Shapes& shapes) {
  return streaming(0, shapes);
}

template <>
Cost cost(const Trilu&, const Shapes& shapes) {
  return streaming(0, shapes);
}

}  // namespace nitro::cost
