#include "reference/indices.h"

namespace nitro::reference {

Result<int64_t> normalize_index(int64_t index, int64_t dim) {
  if (index < -dim || index >= dim) {
    return fail(ErrorCode::kBadModel, "index {} is out of range for {} elements", index, dim);
  }
  return index < 0 ? index + dim : index;
}

Result<std::vector<int64_t>> normalized_indices(const Tensor& indices, int64_t dim) {
  std::vector<int64_t> values = indices.as<int64_t>();
  for (int64_t& value : values) value = TRY(normalize_index(value, dim));
  return values;
}

Result<std::vector<int64_t>> element_offsets(const Tensor& indices, const Shape& shape,
                                             int64_t axis) {
  const std::vector<int64_t> strides = strides_of(shape);
  std::vector<int64_t> offsets = TRY(normalized_indices(indices, shape[static_cast<size_t>(axis)]));
  for (size_t i = 0; i < offsets.size(); ++i) {
    offsets[i] *= strides[static_cast<size_t>(axis)];
    auto rest = static_cast<int64_t>(i);
    for (size_t other = shape.size(); other-- > 0; rest /= indices.shape()[other]) {
      if (static_cast<int64_t>(other) == axis) continue;
      offsets[i] += rest % indices.shape()[other] * strides[other];
    }
  }
  return offsets;
}

Result<std::vector<int64_t>> tuple_offsets(const Tensor& indices, const Shape& shape,
                                           int64_t first_axis) {
  const auto depth = static_cast<size_t>(indices.shape().back());
  const auto first = static_cast<size_t>(first_axis);
  const std::vector<int64_t> strides = strides_of(shape);
  const std::vector<int64_t> values = indices.as<int64_t>();
  const Shape tuples(indices.shape().begin(), indices.shape().end() - 1);
  std::vector<int64_t> offsets(static_cast<size_t>(element_count(tuples)), 0);
  for (size_t tuple = 0; tuple < offsets.size(); ++tuple) {
    for (size_t i = 0; i < depth; ++i) {
      const int64_t index = TRY(normalize_index(values[tuple * depth + i], shape[first + i]));
      offsets[tuple] += index * strides[first + i];
    }
  }
  return offsets;
}

AxisView::AxisView(const Shape& shape, int64_t axis) {
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto position = static_cast<int64_t>(i);
    (position < axis ? outer : position == axis ? length : inner) *= shape[i];
  }
}

}  // namespace nitro::reference
