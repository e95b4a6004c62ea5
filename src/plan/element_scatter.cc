#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// A result that begins as the element of data here, and takes in updates one after another.
class Target {
 public:
  Target(const Site& site, ScatterReduction reduction)
      : site_(site),
        reduction_(reduction),
        floats_(is_float(site.in(0).dtype)),
        name_(site.w().variable(floats_ ? "float" : "long long", site.at(0, site.index))) {}

  void update(const Index& from) const {
    Writer& w = site_.w();
    const std::string x = floats_ ? site_.at(2, from) : w.let("long long", site_.at(2, from));
    w.line(fmt::format("{} = {};", name_, combined(x)));
  }

  std::string result() const { return floats_ ? site_.from_real(name_) : site_.from_whole(name_); }

 private:
  std::string combined(const std::string& x) const {
    switch (reduction_) {
      case ScatterReduction::kNone:
        return x;
      case ScatterReduction::kAdd:
        return by_sign("+", x);
      case ScatterReduction::kMul:
        return by_sign("*", x);
      case ScatterReduction::kMin:
        return fmt::format("{1} < {0} ? {1} : {0}", name_, x);
      case ScatterReduction::kMax:
        return fmt::format("{0} < {1} ? {1} : {0}", name_, x);
    }
    return x;
  }
  std::string by_sign(std::string_view sign, const std::string& x) const {
    if (floats_) return fmt::format("{} {} {}", name_, sign, x);
    return fmt::format("(long long)((unsigned long long){} {} (unsigned long long){})", name_, sign,
                       x);
  }

  const Site& site_;
  ScatterReduction reduction_;
  bool floats_;
  std::string name_;
};

/// Element x of the indices counted from the front of an axis of `dim`, as an expression.
std::string from_front(const Site& site, const Index& x, int64_t dim) {
  const std::string raw = site.at(1, x);
  return fmt::format("({0} < 0 ? {0} + {1} : {0})", raw, dim);
}

}  // namespace

std::string code(const ScatterElements& op, const Site& site) {
  Writer& w = site.w();
  const auto axis = static_cast<size_t>(op.axis);
  const Shape& data = site.in(0).shape;
  const Shape& indices = site.in(1).shape;
  const Target target(site, op.reduction);
  if (element_count(indices) == 0) return target.result();
  std::vector<Index> at = w.unravel(site.index, data);
  const std::string own = w.let(w.index_type(), at[axis].text());
  // Only the updates at the same place on all other axes can meet this element.
  std::string inside = "true";
  for (size_t other = 0; other < at.size(); ++other) {
    if (other == axis || indices[other] >= data[other]) continue;
    const std::string position = w.let(w.index_type(), at[other].text());
    inside += fmt::format(" && {} < {}", position, indices[other]);
    at[other] = Index::variable(position, indices[other]);
  }
  w.open(fmt::format("if ({})", inside));
  at[axis] = w.loop(indices[axis]);
  const Index from = Writer::ravel(at, strides_of(indices));
  w.open(fmt::format("if ({} == {})", from_front(site, from, data[axis]), own));
  target.update(from);
  w.close();
  w.close();
  w.close();
  return target.result();
}

std::string code(const ScatterND& op, const Site& site) {
  Writer& w = site.w();
  const Shape& data = site.in(0).shape;
  const int64_t depth = site.in(1).shape.back();
  const Target target(site, op.reduction);
  if (site.in(2).elements() == 0) return target.result();
  const int64_t slice = element_count({data.begin() + depth, data.end()});
  const int64_t tuples = site.in(2).elements() / std::max<int64_t>(1, slice);
  const auto [prefix, inner] = w.divide(site.index, slice);
  const Shape axes(data.begin(), data.begin() + depth);
  std::vector<std::string> own;
  for (const Index& position : w.unravel(prefix, axes)) {
    own.push_back(w.let(w.index_type(), position.text()));
  }
  const Index tuple = w.loop(tuples);
  std::string met = "true";
  for (size_t k = 0; k < own.size(); ++k) {
    const Index from = tuple * depth + Index::constant(static_cast<int64_t>(k));
    met += fmt::format(" && {} == {}", from_front(site, from, axes[k]), own[k]);
  }
  w.open(fmt::format("if ({})", met));
  target.update(tuple * slice + inner);
  w.close();
  w.close();
  return target.result();
}

}  // namespace nitro::plan
