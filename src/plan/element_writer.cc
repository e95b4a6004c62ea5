#include "plan/element_writer.h"

#include <fmt/core.h>

#include <algorithm>

namespace nitro::plan {
namespace {

constexpr int64_t kMostKept = 64;  // values per lane

/// The total of two parts, as an expression.
std::string combined(Combine how, const std::string& a, const std::string& b) {
  switch (how) {
    case Combine::kProduct:
      return fmt::format("{} * {}", a, b);
    case Combine::kLargest:
      return fmt::format("{1} != {1} || {1} > {0} ? {1} : {0}", a, b);
    case Combine::kSmallest:
      return fmt::format("{1} != {1} || {1} < {0} ? {1} : {0}", a, b);
    case Combine::kSum:
    case Combine::kMaximum:
      break;  // reduce() has functions for them
  }
  return a;
}

}  // namespace

std::string Writer::name() { return fmt::format("t{}", names_++); }

std::string Writer::let(std::string_view type, const std::string& expression) {
  std::string key = fmt::format("{} {}", type, expression);
  if (std::string known = remembered(key); !known.empty()) return known;
  if (const auto same = constants_.find(expression);
      same != constants_.end() && same->second == type) {
    return expression;
  }
  std::string result = name();
  constants_[result] = type;
  line(fmt::format("const {} {} = {};", type, result, expression));
  remember(std::move(key), result);
  return result;
}

std::string Writer::variable(std::string_view type, std::string_view initial) {
  std::string result = name();
  line(fmt::format("{} {} = {};", type, result, initial));
  return result;
}

void Writer::line(std::string_view text) {
  text_.append(2 * (scopes_.size() - 1), ' ').append(text).append("\n");
}

void Writer::open(std::string_view text) {
  line(fmt::format("{}{{", text.empty() ? "" : std::string(text) + " "));
  scopes_.emplace_back();
  sharing_.push_back(false);
}

void Writer::close() {
  if (sharing_.back()) --apart_;
  sharing_.pop_back();
  scopes_.pop_back();
  line("}");
}

std::string Writer::remembered(const std::string& key) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->find(key); found != scope->end()) return found->second;
  }
  return {};
}

Index Writer::open_loop(int64_t count) {
  if (count == 1) {
    open("");
    return {};
  }
  const std::string at = name();
  open(fmt::format("for ({0} {1} = 0; {1} < {2}; ++{1})", index_type(), at, count));
  return Index::variable(at, count);
}

Index Writer::open_shared_loop(int64_t count) {
  // Named after the length, so that what one loop keeps has the same name in the next.
  const std::string at = fmt::format("c{}", count);
  const std::string step = fmt::format("k{}", count);
  const int64_t steps = (count + lanes_ - 1) / lanes_;
  shared_ = {text_.size(), scopes_.size() + 1, steps <= kMostKept ? steps : 0, step};
  if (shared_.steps > 0) line("#pragma unroll");
  open(fmt::format("for (int {0} = 0; {0} < {1}; ++{0})", step, steps));
  line(fmt::format("const {} {} = lane + {} * {};", index_type(), at, step, lanes_));
  if (count % lanes_ != 0) line(fmt::format("if ({} >= {}) continue;", at, count));
  sharing_.back() = true;
  ++apart_;
  return Index::variable(at, count);
}

Index Writer::loop(int64_t count) { return open_loop(count); }

Index Writer::lane_loop(int64_t count) {
  return together() ? open_shared_loop(count) : open_loop(count);
}

bool Writer::keeps(int64_t count, int64_t values) const {
  return together() && values * ((count + lanes_ - 1) / lanes_) <= kMostKept;
}

std::string Writer::kept(const std::string& key, const std::function<std::string()>& compute,
                         std::string_view type) {
  if (std::string known = remembered("kept " + key); !known.empty()) return known;
  std::string value = compute();
  const bool inside = apart_ > 0 && scopes_.size() == shared_.scopes && shared_.steps > 0;
  if (!inside) return value;
  const std::string registers = name();
  text_.insert(shared_.text, fmt::format("{} {}[{}];\n", type, registers, shared_.steps));
  const std::string place = fmt::format("{}[{}]", registers, shared_.step);
  line(fmt::format("{} = {};", place, value));
  scopes_[scopes_.size() - 2]["kept " + key] = place;
  return value;
}

void Writer::reduce(int64_t count, std::span<const Accumulator> accumulators,
                    const std::function<void(const Index&)>& body) {
  const bool shared = together();
  body(lane_loop(count));
  close();
  if (!shared) return;
  for (const auto& [sum, how] : accumulators) {
    if (how == Combine::kSum) {
      line(fmt::format("{0} = lanes_sum({0});", sum));
    } else if (how == Combine::kMaximum) {
      line(fmt::format("{0} = lanes_max({0});", sum));
    } else {
      open("for (int mask = 16; mask > 0; mask /= 2)");
      line(fmt::format("const float other = shuffle_xor({}, mask);", sum));
      line(fmt::format("{} = {};", sum, combined(how, sum, "other")));
      close();
    }
  }
}

Index Writer::named(const Index& x) {
  if (x.terms.empty()) return x;
  if (x.terms.size() == 1 && x.offset == 0 && x.terms[0].factor == 1) return x;
  return Index::variable(let(index_type(), x.text()), x.most() + 1);
}

std::pair<Index, Index> Writer::divide(const Index& x, int64_t divisor) {
  if (divisor <= 1) return {x, {}};
  if (x.terms.empty()) {
    return {Index::constant(x.offset / divisor), Index::constant(x.offset % divisor)};
  }
  const bool negative =
      x.offset < 0 || std::ranges::any_of(x.terms, [](const Term& t) { return t.factor < 0; });
  if (negative) return divide(named(x), divisor);
  Index quotient = Index::constant(x.offset / divisor);
  Index rest = Index::constant(x.offset % divisor);
  for (const Term& term : x.terms) {
    const int64_t step = divisor / term.factor;  // of the variable, per step of the quotient
    if (term.factor % divisor == 0) {
      Term high = term;
      high.factor /= divisor;
      quotient = quotient + Index{{high}, 0};
    } else if (divisor % term.factor == 0 && step < term.extent) {
      const std::string high = let(index_type(), fmt::format("{} / {}", term.name, step));
      const std::string low = let(index_type(), fmt::format("{} % {}", term.name, step));
      const int64_t steps = (term.extent + step - 1) / step;
      auto whole = std::make_shared<Term>(term);
      whole->factor = 1;
      quotient = quotient + Index{{{high, 1, steps, whole, step, false}}, 0};
      rest = rest + Index{{{low, term.factor, step, whole, step, true}}, 0};
    } else {
      rest = rest + Index{{term}, 0};
    }
  }
  if (rest.most() < divisor) return {quotient, rest};
  return divide(named(x), divisor);  // one variable: it was taken apart above
}

std::vector<Index> Writer::unravel(const Index& x, const Shape& shape) {
  std::vector<Index> position(shape.size());
  Index rest = x;
  for (size_t axis = shape.size(); axis-- > 1;) {
    if (shape[axis] == 1) continue;
    std::tie(rest, position[axis]) = divide(rest, shape[axis]);
  }
  if (!shape.empty()) position[0] = rest;
  return position;
}

Index Writer::ravel(std::span<const Index> position, std::span<const int64_t> strides) {
  Index sum;
  for (size_t axis = 0; axis < position.size(); ++axis) {
    sum = sum + position[axis] * strides[axis];
  }
  return sum;
}

Index Writer::broadcast(const Index& x, const Shape& from, const Shape& to) {
  if (element_count(from) == element_count(to)) return x;
  if (element_count(from) == 1) return {};
  const std::vector<int64_t> own = strides_of(from);
  // Neighbouring axes that are both kept or both repeated are one axis.
  Shape shape;
  std::vector<int64_t> strides;
  for (size_t axis = 0; axis < to.size(); ++axis) {
    if (to[axis] == 1) continue;
    const size_t missing = to.size() - from.size();
    const bool kept = axis >= missing && from[axis - missing] != 1;
    const int64_t stride = kept ? own[axis - missing] : 0;
    if (!shape.empty() && (strides.back() != 0) == kept) {
      shape.back() *= to[axis];
      strides.back() = stride;
    } else {
      shape.push_back(to[axis]);
      strides.push_back(stride);
    }
  }
  return ravel(unravel(x, shape), strides);
}

}  // namespace nitro::plan
