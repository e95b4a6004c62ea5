#include "ir/infer.h"

namespace nitro {

template <>
Result<Types> infer(const Opaque& op, const Operands&) {
  return op.types;
}

}  // namespace nitro
