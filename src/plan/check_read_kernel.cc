#include "plan/check_read_kernel.h"

#include <algorithm>
#include <initializer_list>

namespace nitro::plan {
namespace {

/// Of sizes, strides and elements: what 32-bit tables can address.
constexpr int64_t kMost = int64_t{1} << 31;

std::unexpected<Error> bad(std::string_view problem) {
  return fail(ErrorCode::kBadFile, "{}", problem);
}

bool are_sizes(std::initializer_list<int64_t> sizes) {
  return std::ranges::all_of(sizes, [](int64_t size) { return size >= 1 && size < kMost; });
}

/// Whether a buffer has at least as many elements as there are results.
bool holds(const Plan& plan, BufferId buffer, std::initializer_list<int64_t> sizes) {
  int64_t product = 1;
  for (int64_t size : sizes) {
    product *= size;
    if (product > plan.buffers[buffer].type.elements()) return false;
  }
  return true;
}

/// The elements that a view reaches, grown axis by axis. What leaves the 32-bit range stays
/// outside.
class Reach {
 public:
  explicit Reach(int64_t start = 0) : low_(start), high_(start) {}

  void add(int64_t low, int64_t high) {
    low_ = std::max(low_ + std::clamp(low, -kMost, kMost), -kMost);
    high_ = std::min(high_ + std::clamp(high, -kMost, kMost), kMost);
  }
  void add_axis(int64_t size, int64_t stride) {
    const int64_t bounded = std::clamp(stride, -kMost, kMost);
    const int64_t end = (size - 1) * bounded;
    add(std::min<int64_t>(end, 0), std::max<int64_t>(end, 0));
  }
  bool within(const TensorType& type) const { return low_ >= 0 && high_ < type.elements(); }

 private:
  int64_t low_;
  int64_t high_;
};

Result<void> add_table(const Plan& plan, BufferId table, int64_t size, Reach& reach) {
  const Buffer& buffer = plan.buffers[table];
  if (!buffer.constant || buffer.type.dtype != DType::kI32 || buffer.type.elements() != size)
    return bad("a table is not an i32 constant of one number for each row");
  const auto [low, high] = std::ranges::minmax(buffer.constant->data<int32_t>());
  reach.add(low, high);
  return {};
}

Result<void> check_view(const Plan& plan, const MatrixView& view, int64_t batch, int64_t rows,
                        int64_t columns) {
  if (view.buffer == kNoBuffer) return bad("an operand has no buffer");
  if (view.run != 1 && view.run != 2 && view.run != 4 && view.run != 8)
    return bad("runs are of 1, 2, 4 or 8 elements");
  if (view.panel_rows != 0) return bad("a view is laid in panels for some device");
  Reach reach;
  reach.add_axis(batch, view.batch_stride);
  if (view.bases != kNoBuffer) {
    TRY(add_table(plan, view.bases, rows, reach));
  } else {
    reach.add_axis(rows, view.row_stride);
  }
  if (view.offsets != kNoBuffer) {
    TRY(add_table(plan, view.offsets, columns, reach));
  } else {
    reach.add_axis(columns, view.column_stride);
  }
  if (!reach.within(plan.buffers[view.buffer].type)) return bad("a view leaves its buffer");
  return {};
}

Result<void> check_floats(const Plan& plan, BufferId id, int64_t count) {
  if (id == kNoBuffer) return {};
  const TensorType& type = plan.buffers[id].type;
  if (type.dtype != DType::kF32 || type.elements() < count)
    return bad("an operand has not one f32 for each column");
  return {};
}

Result<void> check_work(const Plan& plan, const Loop& loop) {
  const RowWork& work = loop.work;
  if (work.kind == RowWork::Kind::kOther) return {};
  if (!are_sizes({work.rows, work.columns, work.together}) || work.rows % work.together != 0)
    return bad("the work of a loop has a wrong size");
  const auto is_read = [&](BufferId id) {
    return std::ranges::find(loop.reads, id) != loop.reads.end();
  };
  for (const BufferId parameter : {work.scale, work.shift}) {
    if (parameter != kNoBuffer && !is_read(parameter))
      return bad("a loop works with what it does not read");
  }
  if (!is_read(work.x) || loop.writes.size() != 1 ||
      !holds(plan, work.x, {work.rows, work.columns}) ||
      !holds(plan, loop.writes[0], {work.rows / work.together, work.columns})) {
    return bad("the rows that a loop works on leave their buffer");
  }
  TRY(check_floats(plan, work.scale, work.columns));
  return check_floats(plan, work.shift, work.columns);
}

Result<void> check(const Plan& plan, const Loop& loop) {
  if (loop.lanes != 1 && loop.lanes != 32) return bad("loops have 1 or 32 lanes");
  if (loop.elements < 0 || loop.elements >= kMost) return bad("a loop has too many elements");
  if (loop.writes.empty()) return bad("a loop writes nothing");
  for (BufferId id : loop.writes) {
    if (id >= plan.buffers.size()) return bad("a loop has no buffer for a result");
  }
  return check_work(plan, loop);
}

Result<void> check(const Plan& plan, const Gemm& gemm) {
  if (!are_sizes({gemm.batch, gemm.m, gemm.n, gemm.k})) return bad("a product has a wrong size");
  if (gemm.packed_rows != 0 || gemm.packed_columns != 0 || gemm.row_parts_out != kNoBuffer ||
      gemm.row_part_bases != kNoBuffer || gemm.row_parts_in != kNoBuffer || gemm.pairs) {
    return bad("a product is packed for some device");
  }
  TRY(check_view(plan, gemm.a, gemm.batch, gemm.m, gemm.k));
  TRY(check_view(plan, gemm.b, gemm.batch, gemm.n, gemm.k));
  if (gemm.residual.buffer != kNoBuffer)
    TRY(check_view(plan, gemm.residual, gemm.batch, gemm.m, gemm.n));
  TRY(check_view(plan, gemm.out, gemm.batch, gemm.m, gemm.n));
  if (!holds(plan, gemm.out.buffer, {gemm.batch, gemm.m, gemm.n}))
    return bad("a product has more results than its buffer");
  if (gemm.quantum < 0 || (gemm.quantum > 0) != is_byte(plan.buffers[gemm.out.buffer].type.dtype)) {
    return bad("a product has results of 8-bit integers without a quantum, or others with one");
  }
  const DType a = plan.buffers[gemm.a.buffer].type.dtype;
  const DType b = plan.buffers[gemm.b.buffer].type.dtype;
  if ((is_byte(a) || is_byte(b)) && b != DType::kI8)
    return bad("a product of 8-bit integers has operands of wrong types");
  if (gemm.normalize && is_byte(plan.buffers[gemm.b.buffer].type.dtype))
    return bad("a product of integers is normalised");
  TRY(check_floats(plan, gemm.bias, gemm.n));
  TRY(check_floats(plan, gemm.column_scales, gemm.n));
  return check_floats(plan, gemm.column_sums, gemm.n);
}

Result<void> check_heads(const Plan& plan, const HeadView& view, int64_t batch, int64_t heads,
                         int64_t tokens, int64_t channels) {
  if (view.buffer == kNoBuffer) return bad("an operand has no buffer");
  Reach reach(std::clamp(view.start, -kMost, kMost));
  reach.add_axis(batch, view.batch_stride);
  reach.add_axis(heads, view.head_stride);
  reach.add_axis(tokens, view.token_stride);
  reach.add_axis(channels, 1);
  if (!reach.within(plan.buffers[view.buffer].type)) return bad("a view leaves its buffer");
  return {};
}

Result<void> check_bias(const Plan& plan, const Attention& of) {
  if (of.bias == kNoBuffer) return {};
  if (of.bias_key_stride != 0 && of.bias_key_stride != 1)
    return bad("the keys of a bias lie neither together nor in one place");
  Reach reach;
  reach.add_axis(std::min(of.bias_batches, of.batch), of.bias_batch_stride);
  reach.add_axis(of.heads, of.bias_head_stride);
  reach.add_axis(of.queries, of.bias_query_stride);
  reach.add_axis(of.keys, of.bias_key_stride);
  if (!reach.within(plan.buffers[of.bias].type)) return bad("a bias leaves its buffer");
  return {};
}

Result<void> check(const Plan& plan, const Attention& of) {
  if (!are_sizes({of.batch, of.heads, of.key_heads, of.queries, of.keys, of.head_dim, of.value_dim,
                  of.bias_batches}) ||
      of.heads % of.key_heads != 0) {
    return bad("an attention has a wrong size");
  }
  if (of.panel_rows != 0 || of.panel_columns != 0 || of.out_bases != kNoBuffer ||
      of.out_panel_rows != 0) {
    return bad("an attention is laid in panels for some device");
  }
  TRY(check_heads(plan, of.q, of.batch, of.heads, of.queries, of.head_dim));
  TRY(check_heads(plan, of.k, of.batch, of.key_heads, of.keys, of.head_dim));
  TRY(check_heads(plan, of.v, of.batch, of.key_heads, of.keys, of.value_dim));
  TRY(check_bias(plan, of));
  if (of.out.buffer == kNoBuffer ||
      !holds(plan, of.out.buffer, {of.batch, of.heads, of.queries, of.value_dim})) {
    return bad("an attention has more results than its buffer");
  }
  return check_heads(plan, of.out, of.batch, of.heads, of.queries, of.value_dim);
}

Result<void> check(const Plan&, const WindowAttention&) {
  return bad("an attention is fused for some device");
}

Result<void> check(const Plan&, const PooledHead&) {
  return bad("a head is fused for some device");
}

}  // namespace

Result<void> check_read_kernel(const Plan& plan, const Kernel& kernel) {
  return std::visit([&](const auto& each) { return check(plan, each); }, kernel);
}

}  // namespace nitro::plan
