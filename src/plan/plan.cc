#include "plan/plan.h"

namespace nitro::plan {
namespace {

void add(std::vector<BufferId>& list, BufferId buffer) {
  if (buffer != kNoBuffer) list.push_back(buffer);
}

void add(std::vector<BufferId>& list, const MatrixView& view) {
  for (BufferId buffer : {view.buffer, view.bases, view.offsets}) add(list, buffer);
}

std::vector<BufferId> reads_of(const Loop& loop) { return loop.reads; }
std::vector<BufferId> writes_of(const Loop& loop) { return loop.writes; }

std::vector<BufferId> reads_of(const Gemm& gemm) {
  std::vector<BufferId> list;
  add(list, gemm.a);
  add(list, gemm.b);
  add(list, gemm.bias);
  add(list, gemm.column_sums);
  add(list, gemm.column_scales);
  add(list, gemm.residual);
  add(list, gemm.out.bases);
  add(list, gemm.out.offsets);
  add(list, gemm.row_part_bases);
  add(list, gemm.row_parts_in);
  return list;
}
std::vector<BufferId> writes_of(const Gemm& gemm) {
  std::vector<BufferId> list{gemm.out.buffer};
  add(list, gemm.row_parts_out);
  return list;
}

std::vector<BufferId> reads_of(const Attention& attention) {
  std::vector<BufferId> list{attention.q.buffer, attention.k.buffer, attention.v.buffer};
  add(list, attention.bias);
  add(list, attention.out_bases);
  return list;
}
std::vector<BufferId> writes_of(const Attention& attention) { return {attention.out.buffer}; }

std::vector<BufferId> reads_of(const WindowAttention& both) {
  const Gemm& projection = both.projection;
  std::vector<BufferId> list{projection.a.buffer, projection.b.buffer};
  add(list, projection.bias);
  add(list, projection.column_sums);
  add(list, projection.row_parts_in);
  add(list, both.attention.bias);
  add(list, both.attention.out_bases);
  return list;
}
std::vector<BufferId> writes_of(const WindowAttention& both) { return writes_of(both.attention); }

std::vector<BufferId> reads_of(const PooledHead& head) {
  std::vector<BufferId> list{head.mean.x, head.product.b.buffer};
  for (const BufferId buffer : {head.product.bias, head.before.scale, head.before.shift,
                                head.after.scale, head.after.shift}) {
    add(list, buffer);
  }
  return list;
}
std::vector<BufferId> writes_of(const PooledHead& head) { return {head.out}; }

}  // namespace

std::vector<BufferId> reads(const Kernel& kernel) {
  return std::visit([](const auto& each) { return reads_of(each); }, kernel);
}

std::vector<BufferId> writes(const Kernel& kernel) {
  return std::visit([](const auto& each) { return writes_of(each); }, kernel);
}

}  // namespace nitro::plan
