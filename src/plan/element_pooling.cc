#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// The window of the result here: its plane, and where it starts along each axis.
struct Window {
  Index plane;
  std::vector<Index> start;
  Shape input;
};

Window window_at(const Pool& op, const Site& site) {
  Writer& w = site.w();
  Window window;
  window.input.assign(site.in(0).shape.begin() + 2, site.in(0).shape.end());
  const auto [plane, place] = w.divide(site.index, element_count(op.out));
  window.plane = plane;
  window.start = w.unravel(place, op.out);
  for (size_t axis = 0; axis < window.start.size(); ++axis) {
    window.start[axis] =
        window.start[axis] * op.strides[axis] + Index::constant(-op.pads_before[axis]);
  }
  return window;
}

/// Runs `body` for each element of the plane, by its offset, that a tap meets.
void for_each_tap(const Pool& op, const Site& site, const Window& window,
                  const std::function<void(const Index&)>& body) {
  Writer& w = site.w();
  const std::vector<int64_t> strides = strides_of(window.input);
  Index offset;
  size_t blocks = 0;
  for (size_t axis = 0; axis < window.start.size(); ++axis) {
    Index at = window.start[axis] + w.loop(op.kernel[axis]) * op.dilations[axis];
    ++blocks;
    if (at.least() < 0 || at.most() >= window.input[axis]) {
      const std::string met = w.let(w.index_type(), at.text());
      at = Index::variable(met, window.input[axis]);
      w.open(fmt::format("if ({0} >= 0 && {0} < {1})", met, window.input[axis]));
      ++blocks;
    }
    offset = offset + at * strides[axis];
  }
  body(offset);
  for (size_t i = 0; i < blocks; ++i) w.close();
}

/// The number of taps that meet the input or its padding.
std::string padded_count(const Pool& op, const Site& site, const Window& window) {
  std::string count = "1.0f";
  for (size_t axis = 0; axis < window.start.size(); ++axis) {
    const int64_t end = window.input[axis] + op.pads_after[axis];
    const int64_t step = op.dilations[axis];
    const std::string fitting = site.w().let(
        "int",
        fmt::format("({} - ({}) + {}) / {}", end, window.start[axis].text(), step - 1, step));
    count += fmt::format(" * (float)({0} < {1} ? {0} : {1})", fitting, op.kernel[axis]);
  }
  return count;
}

/// `offset` into a plane, counted with the first axis fastest.
std::string column_major(const Site& site, const std::string& offset, const Shape& input) {
  const std::vector<Index> at =
      site.w().unravel(Index::variable(offset, element_count(input)), input);
  Index result;
  int64_t stride = 1;
  for (size_t axis = 0; axis < at.size(); ++axis) {
    result = result + at[axis] * stride;
    stride *= input[axis];
  }
  return result.text();
}

/// The least number, which the maximum begins with.
std::string least(DType dtype) {
  if (is_float(dtype)) return float_literal(-std::numeric_limits<double>::infinity());
  return dtype == DType::kI64 ? integer_literal(std::numeric_limits<int64_t>::min())
                              : "(-2147483647 - 1)";
}

std::string maximum(const Pool& op, const Site& site, const Window& window) {
  Writer& w = site.w();
  const std::string best = w.variable(number_type(site.in(0).dtype), least(site.in(0).dtype));
  const int64_t plane_size = element_count(window.input);
  for_each_tap(op, site, window, [&](const Index& offset) {
    const std::string x = site.at(0, window.plane * plane_size + offset);
    w.line(fmt::format("{0} = {1} > {0} || {1} != {1} ? {1} : {0};", best, x));
  });
  return w.let(number_type(site.in(0).dtype), best);
}

/// Where the maximum lies in the flattened operand.
std::string place_of_maximum(const Pool& op, const Site& site, const Window& window) {
  Writer& w = site.w();
  const int64_t plane_size = element_count(window.input);
  const std::string best = w.variable(number_type(site.in(0).dtype), least(site.in(0).dtype));
  const std::string place = w.variable(w.index_type(), "-1");
  for_each_tap(op, site, window, [&](const Index& offset) {
    const std::string x = site.at(0, window.plane * plane_size + offset);
    w.open(fmt::format("if ({0} < 0 || {1} > {2} || {1} != {1})", place, x, best));
    w.line(fmt::format("{} = {};", best, x));
    w.line(fmt::format("{} = {};", place, offset.text()));
    w.close();
  });
  const std::string found = w.let(w.index_type(), fmt::format("{0} < 0 ? 0 : {0}", place));
  const std::string offset = op.columns_first ? column_major(site, found, window.input) : found;
  const Index start = window.plane * plane_size;
  return w.let("long long", fmt::format("(long long)({}) + ({})", start.text(), offset));
}

}  // namespace

std::string code(const Pool& op, const Site& site) {
  Writer& w = site.w();
  const Window window = window_at(op, site);
  if (op.kind == PoolKind::kMax) {
    return site.output == 0 ? maximum(op, site, window) : place_of_maximum(op, site, window);
  }
  const int64_t plane_size = element_count(window.input);
  const std::string sum = w.variable("float", "0.0f");
  const std::string count = w.variable("float", "0.0f");
  const std::string power = float_literal(static_cast<double>(op.p));
  for_each_tap(op, site, window, [&](const Index& offset) {
    const std::string x = site.real(0, window.plane * plane_size + offset);
    if (op.kind == PoolKind::kAverage) {
      w.line(fmt::format("{} += {};", sum, x));
      w.line(fmt::format("{} += 1.0f;", count));
    } else {
      w.line(op.p == 2 ? fmt::format("{0} += {1} * {1};", sum, x)
                       : fmt::format("{} += powf(fabsf({}), {});", sum, x, power));
    }
  });
  if (op.kind == PoolKind::kAverage) {
    const std::string divisor = op.count_padding ? padded_count(op, site, window) : count;
    return site.from_real(fmt::format("{} / ({})", sum, divisor));
  }
  return site.from_real(op.p == 2 ? fmt::format("sqrtf({})", sum)
                                  : fmt::format("powf({}, 1.0f / {})", sum, power));
}

}  // namespace nitro::plan
