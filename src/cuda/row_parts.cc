#include "cuda/row_parts.h"

#include <algorithm>

#include "cuda/buffer_uses.h"
#include "cuda/gemm_tile.h"
#include "cuda/read_order.h"

namespace nitro::cuda {
namespace {

using plan::Gemm;
using plan::kNoBuffer;
using plan::kRowPart;

/// For each row that `made` makes, the number of its first part in the order of `reader`'s rows;
/// nothing where a part is not a part of one of these.
std::optional<std::vector<int64_t>> part_bases(const plan::Plan& plan, const Gemm& made,
                                               const Gemm& reader) {
  if (made.n % kRowPart != 0 || reader.k % kRowPart != 0) return std::nullopt;
  const auto order = ReadOrder::of(plan, reader.a, reader.m, reader.k);
  const auto starts = row_starts(plan, made.out, made.m);
  if (!order || !starts) return std::nullopt;
  auto numbers = order->numbers(*starts, made.n);
  if (!numbers) return std::nullopt;
  for (int64_t& number : *numbers) {
    if (number % kRowPart != 0) return std::nullopt;
    number /= kRowPart;
  }
  return numbers;
}

bool in_order(const std::vector<int64_t>& bases, int64_t distance) {
  for (size_t i = 0; i < bases.size(); ++i) {
    if (bases[i] != static_cast<int64_t>(i) * distance) return false;
  }
  return true;
}

}  // namespace

void share_row_parts(plan::Plan& plan, const Target& target) {
  const BufferUses uses(plan);
  for (plan::Step& step : plan.steps) {
    Gemm* reader = std::get_if<Gemm>(&step.kernel);
    if (!reader || !reader->normalize || reader->batch != 1 || !gemm_tile(plan, *reader, target))
      continue;
    const std::optional<size_t> source = uses.writer(reader->a.buffer);
    Gemm* made = source ? std::get_if<Gemm>(&plan.steps[*source].kernel) : nullptr;
    if (!made || made->batch != 1 || made->row_parts_out != kNoBuffer ||
        !gemm_tile(plan, *made, target))
      continue;
    const auto bases = part_bases(plan, *made, *reader);
    if (!bases) continue;
    reader->row_parts_in =
        add_arena_buffer(plan, {DType::kF32, {reader->m, reader->k / kRowPart, 2}});
    made->row_parts_out = reader->row_parts_in;
    if (!in_order(*bases, made->n / kRowPart)) made->row_part_bases = add_table(plan, *bases);
  }
}

}  // namespace nitro::cuda
