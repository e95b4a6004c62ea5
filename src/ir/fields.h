#pragma once

#include <string_view>
#include <tuple>

namespace nitro {

/// One attribute of an op: its name in text, JSON and ONNX, and where it is stored.
template <class Op, class T>
struct Field {
  std::string_view name;
  T Op::* member;
};

template <class Op, class T>
constexpr Field<Op, T> field(std::string_view name, T Op::* member) {
  return {name, member};
}

/// Calls visit(name, value) for each field of `op`, in order of declaration.
template <class Op, class Visit>
constexpr void for_each_field(Op& op, Visit&& visit) {
  std::apply([&](const auto&... fields) { (visit(fields.name, op.*(fields.member)), ...); },
             std::remove_const_t<Op>::fields());
}

}  // namespace nitro
