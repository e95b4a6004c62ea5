#include <algorithm>

#include "ir/attention_sizes.h"

namespace nitro {

Result<AttentionSizes> attention_sizes(const Attention& op, const Operands& in) {
  TRY(in.expect()
          .count(3, 4)
          .floating(0)
          .same_dtype(0, 1)
          .same_dtype(0, 2)
          .rank(1, in.has(0) ? in[0].rank() : 0)
          .rank(2, in.has(0) ? in[0].rank() : 0)
          .that(in.has(0) && (in[0].rank() == 3 || in[0].rank() == 4), "operands need rank 3 or 4")
          .done());
  const Shape& q = in[0].shape;
  const Shape& k = in[1].shape;
  const Shape& v = in[2].shape;
  AttentionSizes sizes;
  sizes.batch = q[0];
  if (q.size() == 4) {
    sizes.heads = q[1];
    sizes.key_heads = k[1];
    sizes.queries = q[2];
    sizes.keys = k[2];
    sizes.head_size = q[3];
    sizes.value_size = v[3];
    TRY(in.expect()
            .that(k[3] == q[3] && v[1] == k[1] && v[2] == k[2], "the sizes of q, k and v differ")
            .done());
  } else {
    sizes.heads = op.heads;
    sizes.key_heads = op.key_heads;
    TRY(in.expect().that(op.heads >= 1 && op.key_heads >= 1, "rank 3 needs head counts").done());
    sizes.queries = q[1];
    sizes.keys = k[1];
    sizes.head_size = q[2] / op.heads;
    sizes.value_size = v[2] / op.key_heads;
    TRY(in.expect()
            .that(q[2] % op.heads == 0 && k[2] % op.key_heads == 0 && v[2] % op.key_heads == 0,
                  "the last axis does not divide into heads")
            .that(k[2] / op.key_heads == sizes.head_size && v[1] == k[1],
                  "the sizes of q, k and v differ")
            .done());
  }
  TRY(in.expect()
          .that(k[0] == q[0] && v[0] == q[0], "the batch sizes of q, k and v differ")
          .that(sizes.key_heads >= 1 && sizes.heads % std::max<int64_t>(1, sizes.key_heads) == 0,
                "the query heads do not divide into groups of key heads")
          .done());
  return sizes;
}

template <>
Result<Types> infer(const Attention& op, const Operands& in) {
  const AttentionSizes sizes = TRY(attention_sizes(op, in));
  if (in.has(3)) {
    const Shape scores{sizes.batch, sizes.heads, sizes.queries, sizes.keys};
    TRY(in.expect()
            .that(in[3].dtype == in[0].dtype || in[3].dtype == DType::kBool,
                  "the bias must be bool or have the dtype of q")
            .that(TRY(broadcast(scores, in[3].shape)) == scores,
                  "the bias does not broadcast to the scores")
            .done());
  }
  Shape shape = in[0].shape;
  if (shape.size() == 4) {
    shape[3] = sizes.value_size;
  } else {
    TRY(in.expect()
            .that(!__builtin_mul_overflow(sizes.heads, sizes.value_size, &shape[2]),
                  "the result is too large")
            .done());
  }
  return Types{{in[0].dtype, shape}};
}

}  // namespace nitro
