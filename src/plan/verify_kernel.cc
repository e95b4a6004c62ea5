#include <algorithm>

#include "plan/verify_plan.h"

namespace nitro::plan {
namespace {

Result<void> broken(std::string_view problem) {
  return fail(ErrorCode::kInternal, "the plan is broken: {}", problem);
}

/// Places along one axis of a view: from a table or by a stride.
Result<std::vector<int64_t>> places(const Plan& plan, BufferId table, int64_t stride,
                                    int64_t count) {
  std::vector<int64_t> result(static_cast<size_t>(count));
  if (table == kNoBuffer) {
    for (size_t i = 0; i < result.size(); ++i) result[i] = static_cast<int64_t>(i) * stride;
    return result;
  }
  const Buffer& buffer = plan.buffers[table];
  if (!buffer.constant || buffer.type.dtype != DType::kI32 || buffer.type.elements() != count) {
    return fail(ErrorCode::kInternal,
                "the plan is broken: a table is not one i32 constant for each row");
  }
  return buffer.constant->as<int64_t>();
}

bool keeps_run(int64_t run, const std::vector<int64_t>& bases,
               const std::vector<int64_t>& offsets) {
  const auto is_start = [run](int64_t place) { return place % run == 0; };
  if (static_cast<int64_t>(offsets.size()) % run != 0 || !std::ranges::all_of(bases, is_start))
    return false;
  for (size_t i = 0; i < offsets.size(); ++i) {
    const bool starts = static_cast<int64_t>(i) % run == 0;
    if (starts ? offsets[i] % run != 0 : offsets[i] != offsets[i - 1] + 1) return false;
  }
  return true;
}

/// Whether some element is given twice.
bool repeats(const std::vector<int64_t>& bases, const std::vector<int64_t>& offsets,
             int64_t elements) {
  std::vector<bool> seen(static_cast<size_t>(elements), false);
  for (int64_t base : bases) {
    for (int64_t offset : offsets) {
      const auto place = static_cast<size_t>(base + offset);
      if (seen[place]) return true;
      seen[place] = true;
    }
  }
  return false;
}

Result<void> verify_view(const Plan& plan, const MatrixView& view, int64_t batch, int64_t rows,
                         int64_t columns, bool is_result) {
  if (view.buffer >= plan.buffers.size()) return broken("an operand has no buffer");
  const int64_t elements = plan.buffers[view.buffer].type.elements();
  std::vector<int64_t> offsets, bases;
  if (view.panel_rows > 0) {
    const int64_t panel = view.panel_rows;
    for (int64_t c = 0; c < columns; ++c) offsets.push_back(c / 8 * panel * 8 + c % 8);
    bases = TRY(places(plan, view.bases, 0, rows));
    if (view.bases == kNoBuffer) {
      for (int64_t r = 0; r < rows; ++r) {
        bases[static_cast<size_t>(r)] = r / panel * panel * columns + r % panel * 8;
      }
    }
  } else {
    bases = TRY(places(plan, view.bases, view.row_stride, rows));
    offsets = TRY(places(plan, view.offsets, view.column_stride, columns));
    if (!keeps_run(view.run, bases, offsets) || (batch > 1 && view.batch_stride % view.run != 0)) {
      return broken("a view has shorter runs than it says");
    }
  }
  std::vector<int64_t> all;
  for (int64_t i = 0; i < batch; ++i) {
    for (int64_t base : bases) all.push_back(base + i * view.batch_stride);
  }
  const auto [low, high] = std::ranges::minmax(all);
  const auto [left, right] = std::ranges::minmax(offsets);
  if (low + left < 0 || high + right >= elements) return broken("a view leaves its buffer");
  if (is_result && repeats(all, offsets, elements))
    return broken("a result has two elements in one place");
  return {};
}

Result<void> verify_floats(const Plan& plan, BufferId id, int64_t count) {
  if (id == kNoBuffer) return {};
  if (id >= plan.buffers.size()) return broken("numbers per column have no buffer");
  const TensorType& type = plan.buffers[id].type;
  return type.dtype == DType::kF32 && type.elements() >= count
             ? Result<void>()
             : broken("too few numbers per column");
}

Result<void> verify_of(const Plan& plan, const Gemm& gemm) {
  if (gemm.batch < 1 || gemm.m < 1 || gemm.n < 1 || gemm.k < 1) return broken("an empty product");
  TRY(verify_view(plan, gemm.a, gemm.batch, gemm.m, gemm.k, false));
  if (gemm.packed_rows == 0) TRY(verify_view(plan, gemm.b, gemm.batch, gemm.n, gemm.k, false));
  if (gemm.residual.buffer != kNoBuffer)
    TRY(verify_view(plan, gemm.residual, gemm.batch, gemm.m, gemm.n, false));
  TRY(verify_floats(plan, gemm.bias, gemm.n));
  TRY(verify_floats(plan, gemm.column_sums, gemm.n));
  TRY(verify_floats(plan, gemm.column_scales, gemm.n));
  if ((gemm.quantum != 0) != is_byte(plan.buffers[gemm.out.buffer].type.dtype))
    return broken("a result is of integers, or not, against what the product says");
  return verify_view(plan, gemm.out, gemm.batch, gemm.m, gemm.n, true);
}

/// Sizes and strides of each axis, the innermost last.
struct Strided {
  int64_t start = 0;
  std::vector<std::pair<int64_t, int64_t>> axes = {};
};

Result<void> verify_strided(const Plan& plan, BufferId id, const Strided& strided, bool is_result) {
  if (id >= plan.buffers.size()) return broken("an operand has no buffer");
  const int64_t elements = plan.buffers[id].type.elements();
  std::vector<int64_t> all{strided.start};
  for (const auto& [size, stride] : strided.axes) {
    std::vector<int64_t> next;
    for (int64_t place : all) {
      for (int64_t i = 0; i < size; ++i) next.push_back(place + i * stride);
    }
    all = std::move(next);
  }
  const auto [low, high] = std::ranges::minmax(all);
  if (low < 0 || high >= elements) return broken("a view leaves its buffer");
  if (is_result && repeats(all, {0}, elements))
    return broken("a result has two elements in one place");
  return {};
}

Strided strided(const HeadView& view, int64_t batch, int64_t heads, int64_t tokens,
                int64_t channels) {
  return {view.start,
          {{batch, view.batch_stride},
           {heads, view.head_stride},
           {tokens, view.token_stride},
           {channels, 1}}};
}

/// Of q, k and v in panels.
Result<void> verify_panels(const Plan& plan, const Attention& of) {
  const int64_t rows = (of.keys + of.panel_rows - 1) / of.panel_rows * of.panel_rows;
  for (const HeadView* view : {&of.q, &of.k, &of.v}) {
    const int64_t heads = view == &of.q ? of.heads : of.key_heads;
    const int64_t last = view->start + (heads - 1) * view->head_stride +
                         (view == &of.v ? of.value_dim : of.head_dim);
    if (view->buffer >= plan.buffers.size() || last > of.panel_columns || of.queries != of.keys ||
        plan.buffers[view->buffer].type.elements() < of.batch * rows * of.panel_columns) {
      return broken("heads leave their panels");
    }
  }
  return {};
}

Result<void> verify_of(const Plan& plan, const Attention& of) {
  if (of.batch < 1 || of.heads < 1 || of.key_heads < 1 || of.heads % of.key_heads != 0 ||
      of.queries < 1 || of.keys < 1 || of.head_dim < 1 || of.value_dim < 1 || of.bias_batches < 1) {
    return broken("an empty attention");
  }
  if (of.panel_rows > 0) {
    if (of.q.buffer != kNoBuffer) TRY(verify_panels(plan, of));  // else a projection's
  } else {
    TRY(verify_strided(plan, of.q.buffer,
                       strided(of.q, of.batch, of.heads, of.queries, of.head_dim), false));
    TRY(verify_strided(plan, of.k.buffer,
                       strided(of.k, of.batch, of.key_heads, of.keys, of.head_dim), false));
    TRY(verify_strided(plan, of.v.buffer,
                       strided(of.v, of.batch, of.key_heads, of.keys, of.value_dim), false));
  }
  if (of.bias != kNoBuffer) {
    const Strided bias{0,
                       {{std::min(of.bias_batches, of.batch), of.bias_batch_stride},
                        {of.heads, of.bias_head_stride},
                        {of.queries, of.bias_query_stride},
                        {of.keys, of.bias_key_stride}}};
    TRY(verify_strided(plan, of.bias, bias, false));
    if (of.bias_key_stride != 0 && of.bias_key_stride != 1)
      return broken("a bias lies apart along the keys");
  }
  if (of.out_bases != kNoBuffer) {
    TRY(places(plan, of.out_bases, 0, of.batch * of.queries));
    return {};
  }
  return verify_strided(plan, of.out.buffer,
                        strided(of.out, of.batch, of.heads, of.queries, of.value_dim), true);
}

Result<void> verify_of(const Plan& plan, const WindowAttention& of) {
  const Gemm& projection = of.projection;
  if (projection.a.panel_rows < of.attention.keys || projection.a.buffer >= plan.buffers.size() ||
      plan.buffers[projection.a.buffer].type.elements() <
          of.attention.batch * projection.a.panel_rows * projection.k ||
      projection.n != of.attention.heads * (2 * of.attention.head_dim + of.attention.value_dim)) {
    return broken("a projection does not fit its attention");
  }
  TRY(verify_floats(plan, projection.bias, projection.n));
  TRY(verify_floats(plan, projection.column_sums, projection.n));
  return verify_of(plan, of.attention);
}

Result<void> verify_work(const Plan& plan, const RowWork& work, BufferId out) {
  if (work.kind == RowWork::Kind::kOther) return {};
  if (work.rows < 1 || work.columns < 1 || work.together < 1 || work.rows % work.together != 0)
    return broken("work on no rows");
  const auto holds = [&](BufferId buffer, int64_t elements) {
    return buffer == kNoBuffer ||
           (buffer < plan.buffers.size() && plan.buffers[buffer].type.elements() >= elements);
  };
  if (!holds(work.x, work.rows * work.columns) ||
      !holds(out, work.rows / work.together * work.columns)) {
    return broken("rows leave their buffer");
  }
  TRY(verify_floats(plan, work.scale, work.columns));
  return verify_floats(plan, work.shift, work.columns);
}

Result<void> verify_of(const Plan& plan, const PooledHead& head) {
  const auto& [before, mean, product, after, out] = head;
  const bool fits = mean.kind == RowWork::Kind::kMean && mean.columns == product.k &&
                    mean.rows == product.m * mean.together &&
                    (before.kind == RowWork::Kind::kOther || before.columns == product.k) &&
                    (after.kind == RowWork::Kind::kOther || after.columns == product.n);
  if (!fits || mean.x >= plan.buffers.size() || out >= plan.buffers.size() ||
      plan.buffers[out].type.elements() < product.m * product.n) {
    return broken("the parts of a head do not fit each other");
  }
  TRY(verify_work(plan, before, kNoBuffer));
  TRY(verify_work(plan, mean, kNoBuffer));
  TRY(verify_work(plan, after, out));
  TRY(verify_floats(plan, product.bias, product.n));
  return verify_view(plan, product.b, 1, product.n, product.k, false);
}

Result<void> verify_of(const Plan& plan, const Loop& loop) {
  if (loop.lanes != 1 && loop.lanes != 32) return broken("a loop has neither 1 nor 32 lanes");
  if (loop.elements < 0 || loop.writes.empty()) return broken("a loop without results");
  for (BufferId id : loop.writes) {
    if (id >= plan.buffers.size()) return broken("a result has no buffer");
  }
  return verify_work(plan, loop.work, loop.writes[0]);
}

}  // namespace

Result<void> verify_kernel(const Plan& plan, const Kernel& kernel) {
  return std::visit([&](const auto& each) { return verify_of(plan, each); }, kernel);
}

}  // namespace nitro::plan
