#include <fmt/core.h>

#include <algorithm>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// The element of x, seen under `shape` and transposed by `perm`, that `index` of the result shows.
Index transposed(const Site& site, const Shape& shape, const std::vector<int64_t>& perm) {
  const std::vector<int64_t> strides = strides_of(shape);
  Shape box;
  std::vector<int64_t> own;
  for (int64_t axis : perm) {
    box.push_back(shape[static_cast<size_t>(axis)]);
    own.push_back(strides[static_cast<size_t>(axis)]);
  }
  return Writer::ravel(site.w().unravel(site.index, box), own);
}

/// The element of a tensor of `shape` that shows position `at` moved by `start` along an axis.
Index moved(const std::vector<Index>& at, const Shape& shape, size_t axis, int64_t start) {
  const std::vector<int64_t> strides = strides_of(shape);
  return Writer::ravel(at, strides) + Index::constant(start * strides[axis]);
}

/// A position along an axis of `dim` as a pad that repeats the input shows it.
std::string padded_position(PadMode mode, const std::string& at, int64_t dim) {
  if (mode == PadMode::kEdge) {
    return fmt::format("{0} < 0 ? 0 : {0} >= {1} ? {2} : {0}", at, dim, dim - 1);
  }
  if (mode == PadMode::kWrap) return fmt::format("({0} % {1} + {1}) % {1}", at, dim);
  return fmt::format("({0} % {1} + {1}) % {1}", at, 2 * (dim - 1));
}

/// The source position along an axis, of any mode but constant; writes what it needs.
Index repeated(const Pad& op, const Site& site, const Index& position, size_t axis) {
  const int64_t dim = site.in(0).shape[axis];
  const Index shifted = position + Index::constant(-op.before[axis]);
  if (shifted.least() >= 0 && shifted.most() < dim) return shifted;
  if (dim == 1) return {};
  Writer& w = site.w();
  const std::string at = w.let(w.index_type(), shifted.text());
  std::string source = w.let(w.index_type(), padded_position(op.mode, at, dim));
  if (op.mode == PadMode::kReflect) {
    source = w.let(w.index_type(),
                   fmt::format("{0} < {1} ? {0} : {2} - {0}", source, dim, 2 * (dim - 1)));
  }
  return Index::variable(source, dim);
}

}  // namespace

std::string code(const Reshape&, const Site& site) { return site.at(0, site.index); }

std::string code(const Transpose& op, const Site& site) {
  return site.at(0, transposed(site, site.in(0).shape, op.perm));
}

std::string code(const Expand&, const Site& site) { return site.at(0, site.aligned(0)); }

std::string code(const Slice& op, const Site& site) {
  const std::vector<int64_t> strides = strides_of(site.in(0).shape);
  const std::vector<Index> at = site.w().unravel(site.index, site.out().shape);
  Index source;
  for (size_t axis = 0; axis < at.size(); ++axis) {
    source =
        source + (at[axis] * op.steps[axis] + Index::constant(op.starts[axis])) * strides[axis];
  }
  return site.at(0, source);
}

std::string code(const Concat& op, const Site& site) {
  Writer& w = site.w();
  const auto axis = static_cast<size_t>(op.axis);
  std::vector<Index> at = w.unravel(site.index, site.out().shape);
  const Index whole = w.named(at[axis]);
  const std::string result = w.variable(number_type(site.out().dtype), "0");
  int64_t start = 0;
  bool first = true;
  for (size_t i = 0; i < site.node.inputs.size(); ++i) {
    const int64_t length = site.in(i).shape[axis];
    if (length == 0) continue;
    start += length;
    w.open(fmt::format("{}if ({} < {})", first ? "" : "else ", whole.text(), start));
    first = false;
    // A variable of its own, whose bounds are those of this part.
    const std::string part =
        w.let(w.index_type(), (whole + Index::constant(length - start)).text());
    at[axis] = length == 1 ? Index{} : Index::variable(part, length);
    w.line(fmt::format("{} = {};", result, site.at(i, moved(at, site.in(i).shape, axis, 0))));
    w.close();
  }
  return result;
}

std::string code(const Split& op, const Site& site) {
  int64_t start = 0;
  for (size_t i = 0; i < site.output; ++i) start += op.sizes[i];
  const std::vector<Index> at = site.w().unravel(site.index, site.out().shape);
  return site.at(0, moved(at, site.in(0).shape, static_cast<size_t>(op.axis), start));
}

std::string code(const Pad& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const std::vector<int64_t> strides = strides_of(shape);
  std::vector<Index> at = w.unravel(site.index, site.out().shape);
  if (op.mode != PadMode::kConstant) {
    for (size_t axis = 0; axis < at.size(); ++axis) at[axis] = repeated(op, site, at[axis], axis);
    return site.at(0, Writer::ravel(at, strides));
  }
  const std::string_view type = number_type(site.out().dtype);
  const std::string value =
      is_float(site.out().dtype)
          ? float_literal(op.value)
          : integer_literal(Tensor::scalar(site.out().dtype, op.value).as<int64_t>()[0]);
  if (element_count(shape) == 0) return value;
  std::string inside;
  for (size_t axis = 0; axis < at.size(); ++axis) {
    at[axis] = at[axis] + Index::constant(-op.before[axis]);
    if (at[axis].least() >= 0 && at[axis].most() < shape[axis]) continue;
    const std::string position = w.let(w.index_type(), at[axis].text());
    at[axis] = Index::variable(position, shape[axis]);
    inside += fmt::format("{}{} >= 0 && {} < {}", inside.empty() ? "" : " && ", position, position,
                          shape[axis]);
  }
  if (inside.empty()) return site.at(0, Writer::ravel(at, strides));
  const std::string result = w.variable(type, value);
  w.open(fmt::format("if ({})", inside));
  w.line(fmt::format("{} = {};", result, site.at(0, Writer::ravel(at, strides))));
  w.close();
  return result;
}

std::string code(const Tile&, const Site& site) {
  const Shape& shape = site.in(0).shape;
  std::vector<Index> at = site.w().unravel(site.index, site.out().shape);
  for (size_t axis = 0; axis < at.size(); ++axis) {
    if (site.out().shape[axis] == shape[axis]) continue;
    at[axis] = shape[axis] == 1 ? Index{} : site.w().divide(at[axis], shape[axis]).second;
  }
  return site.at(0, Writer::ravel(at, strides_of(shape)));
}

std::string code(const DepthToSpace& op, const Site& site) {
  const Shape& y = site.out().shape;
  const int64_t height = site.in(0).shape[2];
  const int64_t width = site.in(0).shape[3];
  if (op.columns_first) {
    return site.at(
        0, transposed(site, {y[0], y[1], op.block, op.block, height, width}, {0, 1, 4, 2, 5, 3}));
  }
  return site.at(
      0, transposed(site, {y[0], op.block, op.block, y[1], height, width}, {0, 3, 4, 1, 5, 2}));
}

std::string code(const SpaceToDepth& op, const Site& site) {
  const Shape& x = site.in(0).shape;
  const Shape& y = site.out().shape;
  return site.at(
      0, transposed(site, {x[0], x[1], y[2], op.block, y[3], op.block}, {0, 3, 5, 1, 2, 4}));
}

std::string code(const Trilu& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const int64_t rows = shape[shape.size() - 2];
  const int64_t columns = shape.back();
  const int64_t diagonal = std::clamp(op.k, -rows, columns);
  const std::vector<Index> at = w.unravel(site.index, shape);
  const Index distance = at.back() + at[at.size() - 2] * -1;
  return w.let(number_type(site.out().dtype),
               fmt::format("{} {} {} ? {} : 0", distance.text(), op.upper ? ">=" : "<=", diagonal,
                           site.at(0, site.index)));
}

}  // namespace nitro::plan
