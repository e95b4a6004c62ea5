#include "cuda/panels.h"

#include <algorithm>

#include "cuda/attention_tile.h"
#include "cuda/buffer_uses.h"
#include "cuda/gemm_tile.h"
#include "cuda/packed_weights.h"
#include "cuda/read_order.h"

namespace nitro::cuda {
namespace {

using plan::Attention;
using plan::BufferId;
using plan::Gemm;
using plan::kNoBuffer;
using plan::kPanelRows;
using plan::MatrixView;

/// Where element `number` of a read order lies when its rows are in panels.
int64_t place_in_panels(int64_t number, int64_t columns) {
  const int64_t row = number / columns, column = number % columns;
  return row / kPanelRows * kPanelRows * columns + column / 8 * kPanelRows * 8 + row % kPanelRows * 8;
}

/// A view or an attention whose rows move, and where they start then.
template <class Of>
struct Move {
  Of* of = nullptr;
  std::vector<int64_t> starts;
  bool needs_table = true;
};

class Panels {
 public:
  Panels(plan::Plan& plan, const BufferUses& uses, const Target& target)
      : plan_(plan), uses_(uses), target_(target) {}

  /// Whether `reader`'s operand a is in panels now.
  bool lay(Gemm& reader) {
    const BufferId buffer = reader.a.buffer;
    const plan::Buffer& old = plan_.buffers[buffer];
    if (old.kind != plan::Buffer::Kind::kArena || !packable(plan_, reader) || !wgmma_tile(plan_, reader, target_)) {
      return false;
    }
    auto order = ReadOrder::of(plan_, reader.a, reader.m, reader.k);
    const std::optional<size_t> writer = uses_.writer(buffer);
    if (!order || !writer) return false;
    order_ = std::move(*order);
    views_.clear();
    attention_ = {};
    if (!add_writer(plan_.steps[*writer].kernel)) return false;
    for (const size_t i : uses_.readers[buffer]) {
      if (!add_reader(plan_.steps[i].kernel, buffer, reader)) return false;
    }
    for (const Move<MatrixView>& move : views_) apply(move);
    if (attention_.of) attention_.of->out_bases = add_table(plan_, attention_.starts);
    reader.a = {.buffer = buffer, .run = 8, .panel = true};
    const int64_t panels = (reader.m + kPanelRows - 1) / kPanelRows;
    plan_.buffers[buffer].type.shape = {panels, reader.k / 8, kPanelRows, 8};
    return true;
  }

 private:
  std::optional<std::vector<int64_t>> moved(const std::optional<std::vector<int64_t>>& starts,
                                            int64_t columns) const {
    auto numbers = starts ? order_.numbers(*starts, columns) : std::nullopt;
    if (!numbers) return std::nullopt;
    for (int64_t& number : *numbers) number = place_in_panels(number, order_.columns());
    return numbers;
  }

  bool add_view(MatrixView& view, int64_t rows, int64_t columns, bool needs_table = false) {
    auto starts = moved(row_starts(plan_, view, rows), columns);
    if (!starts) return false;
    views_.push_back({&view, std::move(*starts), needs_table});
    return true;
  }

  bool add_writer(plan::Kernel& kernel) {
    if (Gemm* gemm = std::get_if<Gemm>(&kernel)) {
      return gemm->batch == 1 && gemm_tile(plan_, *gemm, target_) && add_view(gemm->out, gemm->m, gemm->n);
    }
    Attention* attention = std::get_if<Attention>(&kernel);
    if (!attention || !attention_tile(plan_, *attention, target_) || !in_pieces(*attention)) return false;
    auto starts = moved(row_starts(*attention), attention->heads * attention->value_dim);
    if (!starts) return false;
    attention_ = {attention, std::move(*starts)};
    return true;
  }

  bool add_reader(plan::Kernel& kernel, BufferId buffer, const Gemm& reader) {
    Gemm* gemm = std::get_if<Gemm>(&kernel);
    if (!gemm || gemm->batch != 1 || gemm->b.buffer == buffer || !gemm_tile(plan_, *gemm, target_)) return false;
    // Another's a without a table would be the wgmma kernel's operand.
    if (gemm != &reader && gemm->a.buffer == buffer && !add_view(gemm->a, gemm->m, gemm->k, true)) return false;
    return gemm->residual.buffer != buffer || add_view(gemm->residual, gemm->m, gemm->n);
  }

  void apply(const Move<MatrixView>& move) {
    *move.of = {.buffer = move.of->buffer, .run = 8, .panel = true};
    if (move.needs_table || !in_order(move.starts)) move.of->bases = add_table(plan_, move.starts);
  }

  /// Whether the starts are those of whole rows, one after the other.
  bool in_order(const std::vector<int64_t>& starts) const {
    const int64_t columns = order_.columns();
    for (size_t i = 0; i < starts.size(); ++i) {
      if (starts[i] != place_in_panels(static_cast<int64_t>(i) * columns, columns)) return false;
    }
    return true;
  }

  plan::Plan& plan_;
  const BufferUses& uses_;
  const Target& target_;
  ReadOrder order_;
  std::vector<Move<MatrixView>> views_;
  Move<Attention> attention_;
};

}  // namespace

void use_panels(plan::Plan& plan, const Target& target) {
  if (!target.wgmma) return;
  const BufferUses uses(plan);
  Panels panels(plan, uses, target);
  for (plan::Step& step : plan.steps) {
    if (Gemm* reader = std::get_if<Gemm>(&step.kernel)) panels.lay(*reader);
  }
}

}  // namespace nitro::cuda
