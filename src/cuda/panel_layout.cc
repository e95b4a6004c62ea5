#include "cuda/panel_layout.h"

#include "cuda/attention_tile.h"
#include "cuda/gemm_tile.h"
#include "cuda/packed_weights.h"

namespace nitro::cuda {
namespace {

using plan::Attention;
using plan::BufferId;
using plan::Gemm;
using plan::kNoBuffer;
using plan::MatrixView;

int64_t panels_of(int64_t rows, int64_t panel) { return (rows + panel - 1) / panel; }

Attention* attention_in(plan::Kernel& kernel) {
  if (auto* both = std::get_if<plan::WindowAttention>(&kernel)) return &both->attention;
  return std::get_if<Attention>(&kernel);
}

}  // namespace

int64_t place_in_panels(int64_t number, int64_t columns, int64_t panel) {
  const int64_t row = number / columns, column = number % columns;
  return row / panel * panel * columns + column / 8 * panel * 8 + row % panel * 8;
}

bool PanelLayout::lay(Gemm& reader, int64_t panel, int64_t batch_rows) {
  const BufferId buffer = reader.a.buffer;
  auto order = ReadOrder::of(plan_, reader.a, reader.m, reader.k);
  const std::optional<size_t> writer = uses_.writer(buffer);
  if (plan_.buffers[buffer].kind != plan::Buffer::Kind::kArena || !packable(plan_, reader) ||
      !order || !writer) {
    return false;
  }
  order_ = std::move(*order);
  panel_ = panel;
  batch_rows_ = batch_rows;
  views_.clear();
  attention_ = {};
  if (!add_writer(plan_.steps[*writer].kernel)) return false;
  for (const size_t i : uses_.readers[buffer]) {
    if (!add_reader(plan_.steps[i].kernel, buffer, reader)) return false;
  }
  for (const Move<MatrixView>& move : views_) apply(move);
  if (attention_.of) {
    attention_.of->out_bases = add_table(plan_, attention_.starts);
    attention_.of->out_panel_rows = panel;
  }
  reader.a = {.buffer = buffer, .run = 8, .panel_rows = panel};
  plan_.buffers[buffer].type.shape = {reader.m / batch_rows * panels_of(batch_rows, panel),
                                      reader.k / 8, panel, 8};
  return true;
}

std::optional<std::vector<int64_t>> PanelLayout::moved(
    const std::optional<std::vector<int64_t>>& starts, int64_t columns) const {
  auto numbers = starts ? order_.numbers(*starts, columns) : std::nullopt;
  if (!numbers) return std::nullopt;
  const int64_t padding = panels_of(batch_rows_, panel_) * panel_ - batch_rows_;
  for (int64_t& number : *numbers) {
    const int64_t batch = number / order_.columns() / batch_rows_;
    number = place_in_panels(number + batch * padding * order_.columns(), order_.columns(), panel_);
  }
  return numbers;
}

bool PanelLayout::add_view(MatrixView& view, int64_t rows, int64_t columns, bool needs_table) {
  auto starts = moved(row_starts(plan_, view, rows), columns);
  if (!starts) return false;
  views_.push_back({&view, std::move(*starts), needs_table});
  return true;
}

bool PanelLayout::add_writer(plan::Kernel& kernel) {
  if (Gemm* gemm = std::get_if<Gemm>(&kernel)) {
    return gemm->batch == 1 && gemm_tile(plan_, *gemm, target_) &&
           add_view(gemm->out, gemm->m, gemm->n);
  }
  Attention* attention = attention_in(kernel);
  if (!attention || !attention_tile(plan_, *attention, target_) || !in_pieces(*attention))
    return false;
  auto starts = moved(row_starts(*attention), attention->heads * attention->value_dim);
  if (!starts) return false;
  attention_ = {attention, std::move(*starts)};
  return true;
}

bool PanelLayout::add_reader(plan::Kernel& kernel, BufferId buffer, const Gemm& reader) {
  Gemm* gemm = std::get_if<Gemm>(&kernel);
  if (!gemm || gemm->batch != 1 || gemm->b.buffer == buffer || !gemm_tile(plan_, *gemm, target_))
    return false;
  // Another's a without a table would be that kernel's operand, too.
  if (gemm != &reader && gemm->a.buffer == buffer && !add_view(gemm->a, gemm->m, gemm->k, true))
    return false;
  return gemm->residual.buffer != buffer || add_view(gemm->residual, gemm->m, gemm->n);
}

void PanelLayout::apply(const Move<MatrixView>& move) {
  *move.of = {.buffer = move.of->buffer, .run = 8, .panel_rows = panel_};
  if (move.needs_table || !in_order(move.starts)) move.of->bases = add_table(plan_, move.starts);
}

/// Whether the starts are those of whole rows, one after the other.
bool PanelLayout::in_order(const std::vector<int64_t>& starts) const {
  const int64_t columns = order_.columns();
  for (size_t i = 0; i < starts.size(); ++i) {
    if (starts[i] != place_in_panels(static_cast<int64_t>(i) * columns, columns, panel_))
      return false;
  }
  return true;
}

}  // namespace nitro::cuda
