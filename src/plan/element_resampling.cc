#include <fmt/core.h>

#include <algorithm>

#include "plan/element_code.h"
#include "plan/element_resize.h"

namespace nitro::plan {
namespace {

/// A constant array of the device, as a function text.
template <class T, class Literal>
std::string array_text(std::string_view type, const std::string& name, const std::vector<T>& values,
                       Literal literal) {
  std::string text = fmt::format("__device__ const {} {}[] = {{", type, name);
  for (size_t i = 0; i < values.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : i % 16 == 0 ? ",\n" : ", ", literal(values[i]));
  }
  return text + "};\n";
}

/// One resized axis: where its tables are.
struct ResizedAxis {
  size_t axis = 0;
  int64_t length = 1;
  int64_t taps = 1;
  bool weighted = false;     // else all weights are 1
  std::string name;          // of the tables
  std::string extrapolated;  // an expression, or empty
};

ResizedAxis write_tables(const Resize& op, const Site& site, size_t axis, const Index& at) {
  const int64_t length = site.in(0).shape[axis];
  const ResizeTable table = resize_table(op, axis, length);
  ResizedAxis resized;
  resized.axis = axis;
  resized.length = length;
  resized.taps = table.taps;
  resized.weighted = std::ranges::any_of(table.weights, [](double x) { return x != 1; });
  resized.name = fmt::format("resize_{}_{}", site.node.outputs[0], axis);
  const auto integer = [](int64_t x) { return fmt::format("{}", x); };
  site.values.use_function(
      array_text("int", resized.name + "_positions", table.positions, integer));
  if (resized.weighted) {
    site.values.use_function(
        array_text("float", resized.name + "_weights", table.weights, float_literal));
  }
  if (std::ranges::find(table.extrapolated, true) != table.extrapolated.end()) {
    const std::vector<int64_t> flags(table.extrapolated.begin(), table.extrapolated.end());
    site.values.use_function(
        array_text("unsigned char", resized.name + "_outside", flags, integer));
    resized.extrapolated = fmt::format("{}_outside[{}]", resized.name, at.text());
  }
  return resized;
}

bool is_same(const Resize& op, size_t axis, int64_t length) {
  if (op.scales[axis] != 1 || op.sizes[axis] != length) return false;
  return op.region.empty() || (op.region[axis] == 0 && op.region[axis + op.sizes.size()] == 1);
}

constexpr std::string_view kGridFunctions = R"(
__device__ __forceinline__ float grid_reflected(float x, float low, float high) {
  const float range = high - low;
  if (range <= 0.0f) return low;
  const float distance = fabsf(x - low);
  const float turns = floorf(distance / range);
  const float rest = distance - turns * range;
  return fmodf(turns, 2.0f) == 0.0f ? low + rest : high - rest;
}
// padding: 0 zeros, 1 border, 2 reflection.
__device__ __forceinline__ float grid_padded(float x, int padding, float low, float high,
                                             float last) {
  if (x >= low && x <= high) return x;
  if (padding == 1) return fminf(fmaxf(x, 0.0f), last);
  return padding == 2 ? grid_reflected(x, low, high) : x;
}
__device__ __forceinline__ int grid_place(float x, int padding, float low, float high, float last) {
  if (padding == 1) x = fminf(fmaxf(x, 0.0f), last);
  if (padding == 2 && (x < 0.0f || x > last)) {
    x = fminf(fmaxf(truncf(grid_reflected(x, low, high)), 0.0f), last);
  }
  return x < 0.0f || x > last ? -1 : (int)x;
}
__device__ __forceinline__ float grid_cubic(float x) {
  const float a = -0.75f;
  if (x <= 1.0f) return ((a + 2.0f) * x - (a + 3.0f)) * x * x + 1.0f;
  return x < 2.0f ? ((x - 5.0f) * x + 8.0f) * x * a - 4.0f * a : 0.0f;
}
)";

/// One axis of a sampled point.
struct GridAxis {
  std::string position;
  std::string base;
  std::string bounds;  // arguments of the functions above
};

GridAxis grid_axis(const GridSample& op, const Site& site, const std::string& coordinate,
                   int64_t length) {
  Writer& w = site.w();
  const auto size = static_cast<double>(length);
  const std::string raw =
      w.let("float",
            op.align_corners
                ? fmt::format("({} + 1.0f) * {}", coordinate, float_literal((size - 1) / 2))
                : fmt::format("(({} + 1.0f) * {} - 1.0f) * 0.5f", coordinate, float_literal(size)));
  std::string x =
      w.let("float", fmt::format("{0} != {0} ? -1.0f : fminf(fmaxf({0}, -1e15f), 1e15f)", raw));
  if (op.mode == Interpolation::kNearest) x = w.let("float", fmt::format("rintf({})", x));
  GridAxis axis;
  axis.bounds = fmt::format(
      "{}, {}, {}, {}", static_cast<int>(op.padding), float_literal(op.align_corners ? 0 : -0.5),
      float_literal(op.align_corners ? size - 1 : size - 0.5), float_literal(size - 1));
  axis.position = w.let("float", fmt::format("grid_padded({}, {})", x, axis.bounds));
  axis.base =
      w.let("float", fmt::format("{}({})", op.mode == Interpolation::kNearest ? "rintf" : "floorf",
                                 axis.position));
  return axis;
}

}  // namespace

std::string code(const Resize& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const std::vector<int64_t> strides = strides_of(shape);
  const std::vector<Index> at = w.unravel(site.index, site.out().shape);
  std::vector<ResizedAxis> resized;
  Index source;
  std::string outside;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (is_same(op, axis, shape[axis])) {
      source = source + at[axis] * strides[axis];
      continue;
    }
    resized.push_back(write_tables(op, site, axis, at[axis]));
    if (resized.back().extrapolated.empty()) continue;
    outside += (outside.empty() ? "" : " || ") + resized.back().extrapolated;
  }
  const std::string sum = w.variable("float", "0.0f");
  std::string factor;
  for (const ResizedAxis& axis : resized) {
    const Index entry = at[axis.axis] * axis.taps + w.loop(axis.taps);
    const std::string position =
        w.let(w.index_type(), fmt::format("{}_positions[{}]", axis.name, entry.text()));
    source = source + Index::variable(position, axis.length) * strides[axis.axis];
    if (axis.weighted) factor += fmt::format("{}_weights[{}] * ", axis.name, entry.text());
  }
  w.line(fmt::format("{} += {}{};", sum, factor, site.real(0, source)));
  for (size_t i = 0; i < resized.size(); ++i) w.close();
  if (outside.empty()) return site.from_real(sum);
  return site.from_real(fmt::format("{} ? {} : {}", outside, float_literal(op.extrapolation), sum));
}

std::string code(const GridSample& op, const Site& site) {
  Writer& w = site.w();
  site.values.use_function(std::string(kGridFunctions));
  const Shape& shape = site.in(0).shape;
  const std::vector<int64_t> strides = strides_of(shape);
  const size_t axes = shape.size() - 2;
  const int64_t points = site.out().elements() / (shape[0] * shape[1]);
  const auto [plane, point] = w.divide(site.index, points);
  const Index batch = w.divide(plane, shape[1]).first;
  std::vector<GridAxis> sampled;
  for (size_t axis = 0; axis < axes; ++axis) {
    const Index coordinate = (batch * points + point) * static_cast<int64_t>(axes) +
                             Index::constant(static_cast<int64_t>(axes - 1 - axis));
    sampled.push_back(grid_axis(op, site, site.real(1, coordinate), shape[axis + 2]));
  }
  const int64_t reach = op.mode == Interpolation::kCubic ? 2 : 1;
  const int64_t taps = op.mode == Interpolation::kNearest ? 1 : 2 * reach;
  const std::string sum = w.variable("float", "0.0f");
  Index source = plane * element_count({shape.begin() + 2, shape.end()});
  std::string factor;
  for (size_t axis = 0; axis < axes; ++axis) {
    const GridAxis& own = sampled[axis];
    const Index tap = w.loop(taps);
    std::string near = own.base;
    if (taps > 1)
      near = w.let("float", fmt::format("{} + (float)({} - {})", own.base, tap.text(), reach - 1));
    const std::string place = w.let("int", fmt::format("grid_place({}, {})", near, own.bounds));
    if (taps > 1) {
      const std::string distance =
          w.let("float", fmt::format("fabsf({} - {})", own.position, near));
      const std::string_view form =
          op.mode == Interpolation::kLinear ? "1.0f - {}" : "grid_cubic({})";
      factor += w.let("float", fmt::format(fmt::runtime(form), distance)) + " * ";
    }
    w.open(fmt::format("if ({} >= 0)", place));
    source = source + Index::variable(place, shape[axis + 2]) * strides[axis + 2];
  }
  w.line(fmt::format("{} += {}{};", sum, factor, site.real(0, source)));
  for (size_t i = 0; i < 2 * axes; ++i) w.close();
  return site.from_real(sum);
}

}  // namespace nitro::plan
