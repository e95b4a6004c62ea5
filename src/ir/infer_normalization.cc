#include "ir/infer.h"

namespace nitro {

template <>
Result<Types> infer(const Softmax& op, const Operands& in) {
  TRY(in.expect().count(1, 1).floating(0).rank_at_least(0, op.axis + 1).done());
  return Types{in[0]};
}

}  // namespace nitro
