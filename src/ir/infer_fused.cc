#include "ir/infer.h"

namespace nitro {

template <>
Result<Types> infer(const ProjectedAttention& op, const Operands& in) {
  TRY(in.expect().count(3, 4).rank(0, 3).rank(1, 2).rank(2, 1).rank(3, 4).floating(0).done());
  TRY(in.expect().same_dtype(0, 1).same_dtype(0, 2).same_dtype(0, 3).done());
  const Shape& x = in[0].shape;
  const int64_t packed = in[1].shape[1];
  TRY(in.expect()
          .that(in[1].shape[0] == x[2], "the weight does not fit x")
          .that(in[2].shape[0] == packed, "the projection's bias does not fit its weight")
          .that(op.heads > 0 && packed % (3 * op.heads) == 0, "the weight does not split into heads")
          .done());
  if (in.has(3)) {
    const Shape scores = {x[0], op.heads, x[1], x[1]};
    const Shape joined = TRY(broadcast(in[3].shape, scores));
    TRY(in.expect().that(joined == scores, "the bias does not fit the scores").done());
  }
  return Types{{in[0].dtype, {x[0], x[1], packed / 3}}};
}

}  // namespace nitro
