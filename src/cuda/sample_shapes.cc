#include <array>

#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

using plan::Activation;

void add_block(std::vector<SampleGemm>& gemms, int64_t rows, int64_t channels, Layout order) {
  const SampleMatrix ordered{order};
  gemms.push_back({.m = rows, .n = 3 * channels, .k = channels, .normalize = true, .a = ordered});
  gemms.push_back({.m = rows,
                   .n = channels,
                   .k = channels,
                   .has_residual = true,
                   .residual = ordered,
                   .out = ordered});
  gemms.push_back({.m = rows,
                   .n = 4 * channels,
                   .k = channels,
                   .normalize = true,
                   .activation = Activation::kGelu});
  gemms.push_back({.m = rows, .n = channels, .k = 4 * channels, .has_residual = true});
}

constexpr std::array<int64_t, 3> kPanelRows = {16, 32, 64};
constexpr std::array kLayouts = {Layout::kDense, Layout::kPadded, Layout::kRowTable,
                                 Layout::kTables, Layout::kTransposed};

}  // namespace

std::vector<SampleGemm> model_gemms(int64_t images) {
  std::vector<SampleGemm> gemms;
  const SampleMatrix gathered{Layout::kTables}, patches{Layout::kTables, 4};
  gemms.push_back({.m = images * 3136, .n = 96, .k = 48, .a = patches});
  int64_t rows = images * 3136;
  for (int64_t channels : {96, 192, 384, 768}) {
    add_block(gemms, rows, channels, Layout::kRowTable);
    if (channels == 768) break;
    rows /= 4;
    gemms.push_back({.m = rows,
                     .n = 2 * channels,
                     .k = 4 * channels,
                     .normalize = true,
                     .has_bias = false,
                     .a = gathered});
  }
  for (int64_t channels : {384, 768}) {
    gemms.push_back({.m = images * 196, .n = channels, .k = 768, .a = gathered});
    add_block(gemms, images * 197, channels, Layout::kDense);
    gemms.push_back({.m = images, .n = 1024, .k = channels, .normalize = true});
  }
  return gemms;
}

std::vector<SampleAttention> model_attentions(int64_t images) {
  std::vector<SampleAttention> all;
  int64_t windows = 64, heads = 3;
  for (; windows >= 1; windows /= 4, heads *= 2) {
    for (int64_t bias_batches : {int64_t{1}, windows}) {
      all.push_back({.batch = images * windows,
                     .heads = heads,
                     .key_heads = heads,
                     .queries = 49,
                     .keys = 49,
                     .head_dim = 32,
                     .value_dim = 32,
                     .bias_batches = bias_batches});
      if (windows == 1) break;
    }
  }
  for (int64_t vit_heads : {6, 12}) {
    all.push_back({.batch = images,
                   .heads = vit_heads,
                   .key_heads = vit_heads,
                   .queries = 197,
                   .keys = 197,
                   .head_dim = 64,
                   .value_dim = 64});
  }
  return all;
}

std::vector<SampleGemm> panel_gemms(int64_t images) {
  std::vector<SampleGemm> gemms;
  int64_t turn = 0;
  for (SampleGemm gemm : model_gemms(images)) {
    const int64_t panel = kPanelRows[static_cast<size_t>(turn++) % kPanelRows.size()];
    gemm.a.panel_rows = gemm.out.panel_rows = gemm.residual.panel_rows = panel;
    gemm.a.layout = Layout::kPanels;
    if (gemm.out.layout == Layout::kRowTable) gemm.out.layout = Layout::kPanelTable;
    if (gemm.residual.layout == Layout::kRowTable) gemm.residual.layout = Layout::kPanelTable;
    gemms.push_back(gemm);
  }
  for (int64_t activation = 0; activation < 7; ++activation) {
    const int64_t panel = kPanelRows[static_cast<size_t>(turn++) % kPanelRows.size()];
    const SampleMatrix panels{Layout::kPanels, 8, DType::kF16, panel};
    const SampleMatrix mixed{Layout::kPanelTable, 8, DType::kF16, panel};
    gemms.push_back({.m = 1 + 37 * activation,
                     .n = 8 + 40 * activation,
                     .k = 16 + 48 * activation,
                     .normalize = activation % 2 == 1,
                     .has_bias = activation % 3 != 0,
                     .has_residual = activation % 3 != 1,
                     .alpha = activation == 4 ? -0.5 : 1,
                     .activation = static_cast<Activation>(activation),
                     .a = panels,
                     .residual = activation % 2 == 0 ? panels : mixed,
                     .out = activation % 2 == 0 ? mixed : panels});
  }
  for (const int64_t panel : kPanelRows) {
    const SampleMatrix panels{Layout::kPanels, 8, DType::kF16, panel};
    gemms.push_back({.m = 70, .n = 33, .k = 160, .has_residual = true, .a = panels});
    gemms.push_back({.m = 49, .n = 40, .k = 3072, .has_residual = true, .a = panels});
  }
  gemms.push_back({.m = 130,
                   .n = 48,
                   .k = 64,
                   .a = {Layout::kPanels},
                   .out = {Layout::kTransposed, 1, DType::kF32}});
  return gemms;
}

std::vector<SampleAttention> panel_attentions(int64_t images) {
  std::vector<SampleAttention> all = model_attentions(images);
  for (SampleAttention& attention : all) attention.panel_rows = attention.heads % 2 == 0 ? 64 : 16;
  return all;
}

std::vector<SampleHead> heads(int64_t images) {
  std::vector<SampleHead> all;
  all.push_back({.batch = images, .tokens = 49, .k = 768, .n = 1024});
  for (const int64_t k : {384, 768}) {
    all.push_back({.batch = images, .tokens = 197, .k = k, .n = 1024, .normalize_result = false});
  }
  for (const bool normalize : {false, true}) {
    all.push_back({.batch = images,
                   .tokens = normalize ? 1 : 130,
                   .k = normalize ? 8 : 520,
                   .n = normalize ? 1000 : 8,
                   .normalize = normalize,
                   .normalize_result = !normalize,
                   .has_parameters = !normalize,
                   .out = DType::kF16});
  }
  return all;
}

std::vector<SampleGemm> odd_gemms(DType dtype) {
  std::vector<SampleGemm> gemms;
  // Every layout of every operand, with runs of 8, 4, 2 and 1.
  int64_t turn = 0;
  for (Layout layout : kLayouts) {
    for (int64_t run : {8, 4, 2, 1}) {
      const SampleMatrix matrix{layout, run, dtype};
      const SampleMatrix other{kLayouts[static_cast<size_t>(++turn) % kLayouts.size()], run, dtype};
      gemms.push_back({.batch = 1 + turn % 2,
                       .m = 13 + 11 * (turn % 5),
                       .n = 40 + 8 * (turn % 7),
                       .k = 24 + 8 * (turn % 6),
                       .normalize = turn % 3 == 0,
                       .has_bias = turn % 4 != 0,
                       .has_residual = turn % 2 == 0,
                       .shares_b = turn % 3 != 1,
                       .alpha = turn % 5 == 0 ? -0.5 : 1,
                       .activation = static_cast<Activation>(turn % 7),
                       .a = matrix,
                       .b = other,
                       .residual = other,
                       .out = matrix});
    }
  }
  // Sizes of one, primes, one more and one less than tiles.
  for (auto [m, n, k] : std::initializer_list<std::array<int64_t, 3>>{
           {1, 1, 1}, {1, 1000, 33}, {129, 1, 7}, {49, 97, 65}, {65, 127, 95}, {197, 31, 31}}) {
    const SampleMatrix matrix{Layout::kDense, 8, dtype};
    gemms.push_back({.m = m,
                     .n = n,
                     .k = k,
                     .normalize = k > 40,
                     .has_residual = true,
                     .activation = Activation::kSilu,
                     .a = matrix,
                     .b = matrix,
                     .residual = matrix,
                     .out = matrix});
  }
  // Inputs and outputs of another type than the weights.
  const DType other = dtype == DType::kF32 ? DType::kF16 : DType::kF32;
  gemms.push_back({.m = 50,
                   .n = 72,
                   .k = 56,
                   .normalize = true,
                   .has_residual = true,
                   .a = {Layout::kRowTable, 8, other},
                   .b = {Layout::kDense, 8, dtype},
                   .residual = {Layout::kDense, 8, dtype},
                   .out = {Layout::kDense, 8, other}});
  return gemms;
}

std::vector<SampleGemm> integer_gemms() {
  std::vector<SampleGemm> gemms;
  constexpr std::array kBytes = {DType::kI8, DType::kU8};
  for (const SampleGemm& odd : odd_gemms(DType::kF16)) {
    SampleGemm gemm = odd;
    const size_t turn = gemms.size();
    gemm.normalize = false;
    gemm.b.dtype = DType::kI8;
    if (turn % 3 != 0) gemm.a.dtype = kBytes[turn % 2];
    if (turn % 4 != 0) gemm.out.dtype = kBytes[turn / 2 % 2];
    gemms.push_back(gemm);
  }
  for (const int64_t k : {96, 768, 3072}) {
    for (const DType a : {DType::kI8, DType::kU8, DType::kF16}) {
      SampleGemm gemm{.m = 197, .n = 200, .k = k, .activation = Activation::kGelu};
      gemm.a.dtype = a;
      gemm.b.dtype = DType::kI8;
      gemm.out.dtype = k == 768 ? DType::kF16 : DType::kI8;
      gemm.a.layout = k == 96 ? Layout::kRowTable : Layout::kDense;
      gemm.has_residual = k == 3072;
      gemms.push_back(gemm);
    }
  }
  SampleGemm scores{.batch = 6, .m = 49, .n = 49, .k = 32, .has_bias = false, .shares_b = false};
  scores.a.dtype = scores.b.dtype = DType::kI8;
  gemms.push_back(scores);
  return gemms;
}

std::vector<SampleAttention> odd_attentions(DType dtype) {
  std::vector<SampleAttention> all;
  const SampleAttention window{.batch = 6,
                               .heads = 2,
                               .key_heads = 2,
                               .queries = 49,
                               .keys = 49,
                               .head_dim = 32,
                               .value_dim = 32,
                               .dtype = dtype};
  const auto add = [&](auto change) {
    all.push_back(window);
    change(all.back());
  };
  add([](SampleAttention& of) { of.bias_batches = 3; });
  add([](SampleAttention& of) { of.bias_batches = 1, of.masked = true; });
  add([](SampleAttention& of) { of.bias_batches = 2, of.key_bias = true, of.packed = false; });
  add([](SampleAttention& of) { of.causal = true, of.softcap = 2; });
  add([](SampleAttention& of) { of.heads = 6, of.batch = 1; });
  add([](SampleAttention& of) { of.queries = of.keys = 197, of.batch = 1, of.head_dim = 64; });
  add([](SampleAttention& of) { of.queries = 1, of.keys = 77, of.value_dim = 24; });
  add([](SampleAttention& of) { of.queries = 19, of.keys = 5, of.head_dim = 9, of.value_dim = 7; });
  add([](SampleAttention& of) { of.queries = of.keys = 1, of.head_dim = of.value_dim = 1; });
  add([](SampleAttention& of) { of.queries = of.keys = 130, of.head_dim = 80, of.causal = true; });
  add([](SampleAttention& of) { of.queries = 33, of.keys = 1500, of.batch = 1, of.heads = 4; });
  add([](SampleAttention& of) {
    of.queries = 40, of.keys = 2100, of.batch = 1, of.bias_batches = 1, of.masked = true;
  });
  return all;
}

}  // namespace nitro::cuda
