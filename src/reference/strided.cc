#include "reference/strided.h"

namespace nitro::reference {

Layout broadcast_layout(const Shape& from, const Shape& shape) {
  Layout layout{0, std::vector<int64_t>(shape.size(), 0)};
  const std::vector<int64_t> strides = strides_of(from);
  const size_t added = shape.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1) layout.strides[added + i] = strides[i];
  }
  return layout;
}

RowCursor::RowCursor(const Shape& shape, const Layout& layout, int64_t row)
    : shape_(shape), layout_(layout), index_(shape.size(), 0), offset_(layout.offset) {
  for (size_t axis = shape.empty() ? 0 : shape.size() - 1; axis-- > 0;) {
    index_[axis] = row % shape[axis];
    row /= shape[axis];
    offset_ += index_[axis] * layout.strides[axis];
  }
}

void RowCursor::next() {
  for (size_t axis = shape_.empty() ? 0 : shape_.size() - 1; axis-- > 0;) {
    offset_ += layout_.strides[axis];
    if (++index_[axis] < shape_[axis]) return;
    offset_ -= shape_[axis] * layout_.strides[axis];
    index_[axis] = 0;
  }
}

void copy_box(const Shape& shape, const Tensor& source, const Layout& source_layout, Tensor& target,
              const Layout& target_layout) {
  dispatch(source.dtype(), [&]<class T>(std::type_identity<T>) {
    copy_box(shape, source.data<T>().data(), source_layout, target.mutable_data<T>().data(),
             target_layout);
  });
}

}  // namespace nitro::reference
