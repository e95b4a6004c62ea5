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
using plan::MatrixView;

constexpr int64_t kAttentionPanel = 64;  // rows

/// Where element `number` of a read order lies when its rows are in panels.
int64_t place_in_panels(int64_t number, int64_t columns, int64_t panel) {
  const int64_t row = number / columns, column = number % columns;
  return row / panel * panel * columns + column / 8 * panel * 8 + row % panel * 8;
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
    if (old.kind != plan::Buffer::Kind::kArena || !packable(plan_, reader)) return false;
    const std::optional<GemmTile> tile = panel_tile(plan_, reader, target_);
    if (!tile) return false;
    rows_ = tile->m;
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
    if (attention_.of) {
      attention_.of->out_bases = add_table(plan_, attention_.starts);
      attention_.of->out_panel_rows = rows_;
    }
    reader.a = {.buffer = buffer, .run = 8, .panel_rows = rows_};
    plan_.buffers[buffer].type.shape = {(reader.m + rows_ - 1) / rows_, reader.k / 8, rows_, 8};
    return true;
  }

  /// Whether the attention's queries, keys and values are in panels now.
  bool lay(Attention& reader) {
    const BufferId buffer = reader.q.buffer;
    const std::optional<size_t> writer = uses_.writer(buffer);
    if (plan_.buffers[buffer].kind != plan::Buffer::Kind::kArena || !writer || uses_.readers[buffer].size() != 1) {
      return false;
    }
    Gemm* made = std::get_if<Gemm>(&plan_.steps[*writer].kernel);
    if (!made || made->batch != 1 || !gemm_tile(plan_, *made, target_) || !are_columns(reader, made->n)) return false;
    Attention laid = reader;
    laid.panel_rows = kAttentionPanel;
    laid.panel_columns = made->n;
    auto starts = row_starts(plan_, made->out, made->m);
    if (!starts || !attention_tile(plan_, laid, target_)) return false;
    const int64_t panels = (reader.keys + kAttentionPanel - 1) / kAttentionPanel;
    for (int64_t& start : *starts) {
      if (start % made->n != 0) return false;
      const int64_t row = start / made->n;
      start = panels * kAttentionPanel * made->n * (row / reader.keys) +
              place_in_panels(row % reader.keys * made->n, made->n, kAttentionPanel);
    }
    reader = laid;
    made->out = {.buffer = buffer, .bases = add_table(plan_, *starts), .run = 8, .panel_rows = kAttentionPanel};
    plan_.buffers[buffer].type.shape = {reader.batch * panels, made->n / 8, kAttentionPanel, 8};
    return true;
  }

 private:
  /// Whether q, k and v are columns of one matrix, `columns` wide, with a row for each token.
  static bool are_columns(const Attention& of, int64_t columns) {
    if (of.queries != of.keys || columns % 8 != 0) return false;
    for (const plan::HeadView* view : {&of.q, &of.k, &of.v}) {
      const int64_t heads = view == &of.q ? of.heads : of.key_heads;
      const int64_t last = view->start + (heads - 1) * view->head_stride + std::max(of.head_dim, of.value_dim);
      if (view->buffer != of.q.buffer || view->token_stride != columns || view->start < 0 || last > columns ||
          (of.batch > 1 && view->batch_stride != columns * of.keys) || view->start % 8 != 0 ||
          view->head_stride % 8 != 0) {
        return false;
      }
    }
    return true;
  }

  std::optional<std::vector<int64_t>> moved(const std::optional<std::vector<int64_t>>& starts,
                                            int64_t columns) const {
    auto numbers = starts ? order_.numbers(*starts, columns) : std::nullopt;
    if (!numbers) return std::nullopt;
    for (int64_t& number : *numbers) number = place_in_panels(number, order_.columns(), rows_);
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
    // Another's a without a table would be that kernel's operand, too.
    if (gemm != &reader && gemm->a.buffer == buffer && !add_view(gemm->a, gemm->m, gemm->k, true)) return false;
    return gemm->residual.buffer != buffer || add_view(gemm->residual, gemm->m, gemm->n);
  }

  void apply(const Move<MatrixView>& move) {
    *move.of = {.buffer = move.of->buffer, .run = 8, .panel_rows = rows_};
    if (move.needs_table || !in_order(move.starts)) move.of->bases = add_table(plan_, move.starts);
  }

  /// Whether the starts are those of whole rows, one after the other.
  bool in_order(const std::vector<int64_t>& starts) const {
    const int64_t columns = order_.columns();
    for (size_t i = 0; i < starts.size(); ++i) {
      if (starts[i] != place_in_panels(static_cast<int64_t>(i) * columns, columns, rows_)) return false;
    }
    return true;
  }

  plan::Plan& plan_;
  const BufferUses& uses_;
  const Target& target_;
  ReadOrder order_;
  int64_t rows_ = 0;  // of a panel
  std::vector<Move<MatrixView>> views_;
  Move<Attention> attention_;
};

}  // namespace

void use_panels(plan::Plan& plan, const Target& target) {
  if (target.compute_capability < 90) return;
  const BufferUses uses(plan);
  Panels panels(plan, uses, target);
  for (plan::Step& step : plan.steps) {
    if (Gemm* product = std::get_if<Gemm>(&step.kernel)) panels.lay(*product);
    if (Attention* attention = std::get_if<Attention>(&step.kernel)) panels.lay(*attention);
  }
}

}  // namespace nitro::cuda
