#include "plan/element_code.h"

namespace nitro::plan {

Index row_of(Writer& w, const Rows& rows, const Index& element) {
  const auto [outer, rest] = w.divide(element, rows.length * rows.inner);
  if (rows.inner == 1) return outer;
  return outer * rows.inner + w.divide(rest, rows.inner).second;
}

Index element_of(Writer& w, const Rows& rows, const Index& row, const Index& c) {
  if (rows.inner == 1) return row * rows.length + c;
  const auto [outer, rest] = w.divide(row, rows.inner);
  return outer * (rows.length * rows.inner) + c * rows.inner + rest;
}

}  // namespace nitro::plan
