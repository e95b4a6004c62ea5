#pragma once

#include "ir/op.h"

namespace nitro {

/// Whether `op` is one of these.
template <class... Ops>
bool is_any(const Op& op) {
  return (std::holds_alternative<Ops>(op) || ...);
}

}  // namespace nitro
