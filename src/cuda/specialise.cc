#include "cuda/specialise.h"

#include <cstring>
#include <map>
#include <optional>
#include <tuple>

#include "cuda/gemm_tile.h"

namespace nitro::cuda {
namespace {

using plan::BufferId;
using plan::Gemm;
using plan::kNoBuffer;

constexpr int64_t kPart = 32;  // columns

/// Whether each row of the view is `columns` elements of memory in order, and starts at a multiple of
/// that.
bool whole_rows(const plan::Plan& plan, const plan::MatrixView& view, int64_t columns) {
  if (view.offsets != kNoBuffer || view.column_stride != 1 || view.batch_stride % columns != 0) return false;
  if (view.bases == kNoBuffer) return view.row_stride == columns;
  for (const int64_t base : plan.buffers[view.bases].constant->as<int64_t>()) {
    if (base % columns != 0) return false;
  }
  return true;
}

Gemm* product(plan::Step& step) { return std::get_if<Gemm>(&step.kernel); }

BufferId add_arena_buffer(plan::Plan& plan, TensorType type) {
  const BufferId id = static_cast<BufferId>(plan.buffers.size());
  const int64_t bytes = (type.bytes() + plan::kAlignment - 1) / plan::kAlignment * plan::kAlignment;
  plan.buffers.push_back({plan::Buffer::Kind::kArena, std::move(type), plan.arena_bytes});
  plan.arena_bytes += bytes;
  return id;
}

/// The step that alone writes the buffer, before `reader`; nothing where another writes it later.
std::optional<size_t> writer(const plan::Plan& plan, BufferId buffer, size_t reader) {
  std::optional<size_t> found;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    for (BufferId written : plan::writes(plan.steps[i].kernel)) {
      if (written != buffer) continue;
      if (found || i >= reader) return std::nullopt;
      found = i;
    }
  }
  return found;
}

void share_row_parts(plan::Plan& plan, const Target& target) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    Gemm* reader = product(plan.steps[i]);
    if (!reader || !reader->normalize || reader->column_sums == kNoBuffer || reader->batch != 1) continue;
    const std::optional<size_t> source = writer(plan, reader->a.buffer, i);
    Gemm* made = source ? product(plan.steps[*source]) : nullptr;
    if (!made || made->batch != 1 || made->n != reader->k || reader->k % kPart != 0 ||
        !whole_rows(plan, made->out, made->n) || !whole_rows(plan, reader->a, reader->k) ||
        !gemm_tile(plan, *made, target) || !gemm_tile(plan, *reader, target)) {
      continue;
    }
    if (made->row_parts_out == kNoBuffer) {
      const int64_t rows = plan.buffers[made->out.buffer].type.elements() / made->n;
      made->row_parts_out = add_arena_buffer(plan, {DType::kF32, {rows, made->n / kPart, 2}});
    }
    reader->row_parts_in = made->row_parts_out;
  }
}

Tensor packed(const Tensor& weights, const Gemm& gemm, const GemmTile& tile) {
  const int64_t tiles = (gemm.n + tile.n - 1) / tile.n, segments = gemm.k / tile.segment;
  const int64_t stride = tile.segment + 8;
  Tensor result({DType::kF16, {tiles, segments, tile.n, stride}});
  const auto from = weights.data<Half>();
  auto to = result.mutable_data<Half>();
  for (int64_t column = 0; column < gemm.n; ++column) {
    for (int64_t segment = 0; segment < segments; ++segment) {
      const int64_t row = (column / tile.n * segments + segment) * tile.n + column % tile.n;
      const Half* source = from.data() + column * gemm.b.row_stride + segment * tile.segment;
      std::memcpy(to.data() + row * stride, source, static_cast<size_t>(tile.segment) * sizeof(Half));
    }
  }
  return result;
}

BufferId add_constant(plan::Plan& plan, Tensor tensor) {
  const BufferId id = static_cast<BufferId>(plan.buffers.size());
  const int64_t bytes = (tensor.type().bytes() + plan::kAlignment - 1) / plan::kAlignment * plan::kAlignment;
  plan.buffers.push_back({plan::Buffer::Kind::kConstant, tensor.type(), plan.constant_bytes, std::move(tensor)});
  plan.constant_bytes += bytes;
  return id;
}

bool plain_rows(const plan::MatrixView& view) {
  return view.bases == kNoBuffer && view.offsets == kNoBuffer && view.column_stride == 1 && view.batch_stride == 0;
}

void pack_weights(plan::Plan& plan, const Target& target) {
  std::map<std::tuple<BufferId, int64_t, int64_t>, BufferId> done;
  for (plan::Step& step : plan.steps) {
    Gemm* gemm = product(step);
    if (!gemm || gemm->packed_rows > 0 || !plain_rows(gemm->b)) continue;
    const std::optional<Tensor> weights = plan.buffers[gemm->b.buffer].constant;
    const std::optional<GemmTile> tile = gemm_tile(plan, *gemm, target);
    if (!weights || !tile) continue;
    auto [place, fresh] = done.try_emplace({gemm->b.buffer, tile->n, tile->segment}, kNoBuffer);
    if (fresh) place->second = add_constant(plan, packed(*weights, *gemm, *tile));
    gemm->b.buffer = place->second;
    gemm->packed_rows = tile->n;
    gemm->packed_columns = tile->segment;
  }
}

/// Constants that no step reads any more take no room.
void drop_unread_constants(plan::Plan& plan) {
  std::vector<bool> read(plan.buffers.size());
  for (const plan::Step& step : plan.steps) {
    for (BufferId buffer : plan::reads(step.kernel)) read[buffer] = true;
  }
  plan.constant_bytes = 0;
  for (size_t i = 0; i < plan.buffers.size(); ++i) {
    plan::Buffer& buffer = plan.buffers[i];
    if (buffer.kind != plan::Buffer::Kind::kConstant) continue;
    if (!read[i]) {
      buffer.type.shape = {0};
      buffer.constant = Tensor(buffer.type);
    }
    buffer.place = plan.constant_bytes;
    plan.constant_bytes +=
        (buffer.type.bytes() + plan::kAlignment - 1) / plan::kAlignment * plan::kAlignment;
  }
}

}  // namespace

plan::Plan specialise(plan::Plan plan, const Target& target) {
  share_row_parts(plan, target);
  pack_weights(plan, target);
  drop_unread_constants(plan);
  return plan;
}

}  // namespace nitro::cuda
