#include "cuda/attention_layout.h"

#include <algorithm>
#include <numeric>

#include "cuda/attention_tile.h"
#include "cuda/gemm_tile.h"
#include "cuda/joined_step.h"
#include "cuda/projection_tile.h"

namespace nitro::cuda {
namespace {

using plan::Attention;
using plan::BufferId;
using plan::Gemm;
using plan::HeadView;
using plan::kNoBuffer;

/// Whether q, k and v are columns of one matrix, `columns` wide, with a row for each token.
bool are_columns(const Attention& of, int64_t columns) {
  if (of.queries != of.keys || columns % 8 != 0) return false;
  for (const HeadView* view : {&of.q, &of.k, &of.v}) {
    const int64_t heads = view == &of.q ? of.heads : of.key_heads;
    const int64_t last =
        view->start + (heads - 1) * view->head_stride + std::max(of.head_dim, of.value_dim);
    if (view->buffer != of.q.buffer || view->token_stride != columns || view->start < 0 ||
        last > columns || (of.batch > 1 && view->batch_stride != columns * of.keys) ||
        view->start % 8 != 0 || view->head_stride % 8 != 0) {
      return false;
    }
  }
  return true;
}

/// The columns of q, k and v of one head after the other.
std::vector<int64_t> columns_by_head(const Attention& of) {
  std::vector<int64_t> columns;
  for (int64_t head = 0; head < of.heads; ++head) {
    for (const HeadView* view : {&of.q, &of.k, &of.v}) {
      const int64_t count = view == &of.v ? of.value_dim : of.head_dim;
      for (int64_t i = 0; i < count; ++i)
        columns.push_back(view->start + head * view->head_stride + i);
    }
  }
  return columns;
}

/// The given rows of a matrix of constants, next to each other.
template <class Element>
Tensor picked(const Tensor& from, const std::vector<int64_t>& rows, int64_t stride,
              int64_t columns) {
  Tensor result({from.type().dtype, {static_cast<int64_t>(rows.size()), columns}});
  const auto source = from.data<Element>();
  auto to = result.mutable_data<Element>();
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(source.begin() + rows[i] * stride, columns,
                to.begin() + static_cast<int64_t>(i) * columns);
  }
  return result;
}

/// One number for each column; none stays none.
BufferId picked(plan::Plan& plan, BufferId buffer, const std::vector<int64_t>& columns) {
  if (buffer == kNoBuffer) return kNoBuffer;
  return add_constant(plan, picked<float>(Tensor(*plan.buffers[buffer].constant), columns, 1, 1));
}

bool constants(const plan::Plan& plan, const Gemm& gemm) {
  for (const BufferId buffer : {gemm.bias, gemm.column_sums}) {
    if (buffer != kNoBuffer && !plan.buffers[buffer].constant) return false;
  }
  return plan.buffers[gemm.b.buffer].constant.has_value();
}

bool rows_in_order(const plan::Plan& plan, const Gemm& gemm) {
  const auto starts = row_starts(plan, gemm.out, gemm.m);
  for (int64_t row = 0; starts && row < gemm.m; ++row) {
    if ((*starts)[static_cast<size_t>(row)] != row * gemm.n) return false;
  }
  return starts.has_value();
}

/// The rows of a product in the order in which they are written; nothing where they do not fill the
/// buffer row after row.
std::optional<std::vector<size_t>> written_order(const std::vector<int64_t>& starts,
                                                 int64_t columns) {
  std::vector<size_t> order(starts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t row) { return starts[row]; });
  for (size_t i = 0; i < order.size(); ++i) {
    if (starts[order[i]] != static_cast<int64_t>(i) * columns) return std::nullopt;
  }
  return order;
}

}  // namespace

void order_rows(plan::Plan& plan) {
  for (plan::Step& step : plan.steps) {
    Gemm* gemm = std::get_if<Gemm>(&step.kernel);
    if (!gemm || gemm->batch != 1 || gemm->residual.buffer != kNoBuffer ||
        gemm->out.bases == kNoBuffer)
      continue;
    const auto starts = row_starts(plan, gemm->out, gemm->m);
    const auto order = starts ? written_order(*starts, gemm->n) : std::nullopt;
    if (!order) continue;
    const std::vector<int64_t> sources = row_bases(plan, gemm->a, gemm->m);
    std::vector<int64_t> bases;
    for (const size_t row : *order) bases.push_back(sources[row]);
    gemm->a.bases = add_table(plan, bases);
    gemm->out.bases = kNoBuffer;
    gemm->out.row_stride = gemm->n;
  }
}

bool lay_heads(plan::Plan& plan, Gemm& product, Attention& attention, const Target& target) {
  const int64_t columns = product.n;
  auto starts = row_starts(plan, product.out, product.m);
  if (product.batch != 1 || !gemm_tile(plan, product, target) || !starts ||
      !are_columns(attention, columns)) {
    return false;
  }
  Attention laid = attention;
  laid.panel_rows = kAttentionPanel;
  laid.panel_columns = columns;
  if (!attention_tile(plan, laid, target)) return false;
  const int64_t panels = (attention.keys + kAttentionPanel - 1) / kAttentionPanel;
  for (int64_t& start : *starts) {
    if (start % columns != 0) return false;
    const int64_t row = start / columns;
    start = panels * kAttentionPanel * columns * (row / attention.keys) +
            place_in_panels(row % attention.keys * columns, columns, kAttentionPanel);
  }
  const BufferId buffer = product.out.buffer;
  attention = laid;
  product.out = {
      .buffer = buffer, .bases = add_table(plan, *starts), .run = 8, .panel_rows = kAttentionPanel};
  plan.buffers[buffer].type.shape = {attention.batch * panels, columns / 8, kAttentionPanel, 8};
  return true;
}

bool fuse_projection(plan::Plan& plan, plan::Step& product, plan::Step& attention,
                     PanelLayout& layout, const Target& target) {
  Gemm& gemm = std::get<Gemm>(product.kernel);
  const Attention& old = std::get<Attention>(attention.kernel);
  if (gemm.batch != 1 || gemm.m != old.batch * old.keys || !are_columns(old, gemm.n) ||
      !constants(plan, gemm) || gemm.n != old.heads * (2 * old.head_dim + old.value_dim) ||
      !rows_in_order(plan, gemm)) {
    return false;
  }
  plan::WindowAttention both{gemm, old};
  both.attention.q = both.attention.k = both.attention.v = {};
  both.attention.panel_rows = kAttentionPanel;
  if (!projection_tile(plan, both, target)) return false;
  if (!layout.lay(gemm, kAttentionPanel, old.keys)) return false;
  const std::vector<int64_t> columns = columns_by_head(old);
  both.projection = gemm;
  both.projection.out = {};
  const Tensor weights = *plan.buffers[gemm.b.buffer].constant;
  both.projection.b = {
      .buffer = add_constant(plan, picked<Half>(weights, columns, gemm.b.row_stride, gemm.k)),
      .row_stride = gemm.k,
      .run = 8};
  both.projection.bias = picked(plan, gemm.bias, columns);
  both.projection.column_sums = picked(plan, gemm.column_sums, columns);
  attention = joined_step(plan, {&product, &attention}, std::move(both));
  return true;
}

}  // namespace nitro::cuda
