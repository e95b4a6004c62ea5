#pragma once

#include <concepts>
#include <type_traits>

#include "plan/plan.h"

namespace nitro::plan {

template <class T, class Of>
concept Is = std::same_as<std::remove_const_t<T>, Of>;

// visit(name, field) for each field of a kernel or view, in order. The structured bindings fail to
// compile when a field is added, so that none is forgotten.

template <Is<MatrixView> View, class Visit>
void for_each_field(View& view, Visit&& visit) {
  auto& [buffer, bases, offsets, row_stride, column_stride, batch_stride, run, panel_rows] = view;
  visit("buffer", buffer);
  visit("bases", bases);
  visit("offsets", offsets);
  visit("row_stride", row_stride);
  visit("column_stride", column_stride);
  visit("batch_stride", batch_stride);
  visit("run", run);
  visit("panel_rows", panel_rows);
}

template <Is<HeadView> View, class Visit>
void for_each_field(View& view, Visit&& visit) {
  auto& [buffer, start, batch_stride, head_stride, token_stride] = view;
  visit("buffer", buffer);
  visit("start", start);
  visit("batch_stride", batch_stride);
  visit("head_stride", head_stride);
  visit("token_stride", token_stride);
}

template <Is<RowWork> Work, class Visit>
void for_each_field(Work& work, Visit&& visit) {
  auto& [kind, rows, columns, together, epsilon, x, scale, shift] = work;
  visit("kind", kind);
  visit("rows", rows);
  visit("columns", columns);
  visit("together", together);
  visit("epsilon", epsilon);
  visit("x", x);
  visit("scale", scale);
  visit("shift", shift);
}

template <Is<Loop> Kernel, class Visit>
void for_each_field(Kernel& loop, Visit&& visit) {
  auto& [elements, lanes, functions, body, reads, writes, work] = loop;
  visit("elements", elements);
  visit("lanes", lanes);
  visit("functions", functions);
  visit("body", body);
  visit("reads", reads);
  visit("writes", writes);
  visit("work", work);
}

template <Is<Gemm> Kernel, class Visit>
void for_each_field(Kernel& gemm, Visit&& visit) {
  auto& [batch, m, n, k, normalize, epsilon, alpha, activation, a, b, bias, column_sums, residual,
         out, packed_rows, packed_columns, row_parts_out, row_part_bases, row_parts_in,
         column_scales, quantum, zero, wide, pairs] = gemm;
  visit("batch", batch);
  visit("m", m);
  visit("n", n);
  visit("k", k);
  visit("normalize", normalize);
  visit("epsilon", epsilon);
  visit("alpha", alpha);
  visit("activation", activation);
  visit("a", a);
  visit("b", b);
  visit("bias", bias);
  visit("column_sums", column_sums);
  visit("residual", residual);
  visit("out", out);
  visit("packed_rows", packed_rows);
  visit("packed_columns", packed_columns);
  visit("row_parts_out", row_parts_out);
  visit("row_part_bases", row_part_bases);
  visit("row_parts_in", row_parts_in);
  visit("column_scales", column_scales);
  visit("quantum", quantum);
  visit("zero", zero);
  visit("wide", wide);
  visit("pairs", pairs);
}

template <Is<Attention> Kernel, class Visit>
void for_each_field(Kernel& attention, Visit&& visit) {
  auto& [batch, heads, key_heads, queries, keys, head_dim, value_dim, scale, panel_rows,
         panel_columns, softcap, causal, q, k, v, out, out_bases, out_panel_rows, bias,
         bias_batches, bias_batch_stride, bias_head_stride, bias_query_stride, bias_key_stride] =
      attention;
  visit("batch", batch);
  visit("heads", heads);
  visit("key_heads", key_heads);
  visit("queries", queries);
  visit("keys", keys);
  visit("head_dim", head_dim);
  visit("value_dim", value_dim);
  visit("scale", scale);
  visit("panel_rows", panel_rows);
  visit("panel_columns", panel_columns);
  visit("softcap", softcap);
  visit("causal", causal);
  visit("q", q);
  visit("k", k);
  visit("v", v);
  visit("out", out);
  visit("out_bases", out_bases);
  visit("out_panel_rows", out_panel_rows);
  visit("bias", bias);
  visit("bias_batches", bias_batches);
  visit("bias_batch_stride", bias_batch_stride);
  visit("bias_head_stride", bias_head_stride);
  visit("bias_query_stride", bias_query_stride);
  visit("bias_key_stride", bias_key_stride);
}

template <Is<WindowAttention> Kernel, class Visit>
void for_each_field(Kernel& both, Visit&& visit) {
  auto& [projection, attention] = both;
  visit("projection", projection);
  visit("attention", attention);
}

template <Is<PooledHead> Kernel, class Visit>
void for_each_field(Kernel& head, Visit&& visit) {
  auto& [before, mean, product, after, out] = head;
  visit("before", before);
  visit("mean", mean);
  visit("product", product);
  visit("after", after);
  visit("out", out);
}

}  // namespace nitro::plan
