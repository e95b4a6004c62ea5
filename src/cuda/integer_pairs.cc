#include "cuda/integer_pairs.h"

#include <algorithm>
#include <map>

#include "cuda/buffer_uses.h"
#include "cuda/gemm_tile.h"

namespace nitro::cuda {
namespace {

using plan::BufferId;
using plan::kNoBuffer;
using plan::MatrixView;

constexpr int64_t kPiece = 16;  // integers that are copied at once

std::vector<int64_t> numbers(const plan::Plan& plan, BufferId table) {
  return table == kNoBuffer ? std::vector<int64_t>() : plan.buffers[table].constant->as<int64_t>();
}

/// A view of integers as one of pairs, but for its tables.
struct Paired {
  MatrixView view;
  std::vector<int64_t> bases;
  std::vector<int64_t> offsets;
};

/// Nothing where rows do not consist of whole pieces.
std::optional<Paired> paired(const plan::Plan& plan, const MatrixView& view) {
  Paired result{view, numbers(plan, view.bases), numbers(plan, view.offsets)};
  const auto whole = [](int64_t place) { return place % kPiece == 0; };
  if (!whole(view.batch_stride) || !std::ranges::all_of(result.bases, whole)) return std::nullopt;
  if (view.bases == kNoBuffer && !whole(view.row_stride)) return std::nullopt;
  if (view.offsets == kNoBuffer && view.column_stride != 1) return std::nullopt;
  std::vector<int64_t> pairs;
  for (size_t i = 0; i < result.offsets.size(); ++i) {
    const bool starts = static_cast<int64_t>(i) % kPiece == 0;
    const int64_t offset = result.offsets[i];
    if (starts ? !whole(offset) : offset != result.offsets[i - 1] + 1) return std::nullopt;
    if (i % 2 == 0) pairs.push_back(offset / 2);
  }
  result.offsets = std::move(pairs);
  for (int64_t& base : result.bases) base /= 2;
  result.view.row_stride /= 2;
  result.view.batch_stride /= 2;
  result.view.run = 8;
  return result;
}

MatrixView with_tables(plan::Plan& plan, const Paired& of) {
  MatrixView view = of.view;
  if (view.bases != kNoBuffer) view.bases = add_table(plan, of.bases);
  if (view.offsets != kNoBuffer) view.offsets = add_table(plan, of.offsets);
  return view;
}

/// The same bytes as halves.
Tensor as_halves(const Tensor& integers) {
  Tensor halves({DType::kF16, {integers.elements() / 2}});
  std::ranges::copy(integers.bytes(), halves.mutable_bytes().begin());
  return halves;
}

bool multiplies_integers(const plan::Plan& plan, const plan::Gemm& gemm) {
  return is_byte(plan.buffers[gemm.a.buffer].type.dtype) &&
         plan.buffers[gemm.b.buffer].type.elements() % 2 == 0 &&
         plan.buffers[gemm.b.buffer].type.dtype == DType::kI8 && gemm.k % (2 * kPiece) == 0;
}

}  // namespace

void pair_integers(plan::Plan& plan, const Target& target) {
  std::map<BufferId, BufferId> weights;
  for (plan::Step& step : plan.steps) {
    auto* gemm = std::get_if<plan::Gemm>(&step.kernel);
    if (!gemm || !multiplies_integers(plan, *gemm)) continue;
    const auto a = paired(plan, gemm->a), b = paired(plan, gemm->b);
    plan::Gemm pairs = *gemm;
    pairs.pairs = true;
    pairs.k /= 2;
    if (!a || !b || !gemm_tile(plan, pairs, target)) continue;
    pairs.a = with_tables(plan, *a);
    pairs.b = with_tables(plan, *b);
    if (plan.buffers[gemm->b.buffer].constant && gemm->b.batch_stride == 0) {
      auto [place, fresh] = weights.try_emplace(gemm->b.buffer, kNoBuffer);
      if (fresh) {
        const Tensor integers = *plan.buffers[gemm->b.buffer].constant;
        place->second = add_constant(plan, as_halves(integers));
      }
      pairs.b.buffer = place->second;
    }
    *gemm = pairs;
  }
}

}  // namespace nitro::cuda
