#include "ir/equal.h"

#include <algorithm>
#include <cmath>

namespace nitro {
namespace {

template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return same(x, y); });
}

template <class OpT>
bool same_fields(const OpT& a, const OpT& b) {
  return std::apply(
      [&](const auto&... fields) { return (same(a.*(fields.member), b.*(fields.member)) && ...); },
      OpT::fields());
}

bool same_node(const Node& a, const Node& b) {
  return equal(a.op, b.op) && a.inputs == b.inputs && a.outputs == b.outputs &&
         a.origins == b.origins;
}

bool same_value(const Value& a, const Value& b) {
  return a.type == b.type && a.name == b.name && a.producer == b.producer &&
         a.constant == b.constant;
}

}  // namespace

bool equal(const Op& a, const Op& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&]<class OpT>(const OpT& known) { return same_fields(known, std::get<OpT>(b)); }, a);
}

bool equal(const Graph& a, const Graph& b) {
  return a.name == b.name && a.inputs() == b.inputs() && a.outputs() == b.outputs() &&
         a.origins() == b.origins() && std::ranges::equal(a.values(), b.values(), same_value) &&
         std::ranges::equal(a.nodes(), b.nodes(), same_node);
}

}  // namespace nitro
