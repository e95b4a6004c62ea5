#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace nitro::cuda {

/// A plan of one step to try a kernel with: operands are constants of random numbers, the result is
/// the only output.
struct SampleStep {
  std::string name;
  plan::Plan plan;

  const plan::Step& step() const { return plan.steps.front(); }
  plan::BufferId result() const { return plan.outputs.front().buffer; }
};

/// How a matrix lies in its buffer. All but kDense leave elements between them that are not theirs.
enum class Layout : uint8_t {
  kDense,
  kPadded,      // rows further apart than they are long
  kRowTable,    // padded rows in another order, by a table
  kTables,      // that, and runs of columns in another order
  kTransposed,  // columns are what is contiguous
  kPanels,      // plan::MatrixView::panel_rows; of batch 1 and a multiple of 8 columns
  kPanelTable,  // that, rows in another order
};

struct SampleMatrix {
  Layout layout = Layout::kDense;
  int64_t run = 8;  // the most; less where the columns are no multiple of it
  DType dtype = DType::kF16;
  int64_t panel_rows = 64;
};

/// Operands and results of 8-bit integers get scales with which all numbers are about 1.
struct SampleGemm {
  int64_t batch = 1;
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  bool normalize = false;
  bool has_bias = true;
  bool has_residual = false;
  bool shares_b = true;  // by the whole batch
  double alpha = 1;
  plan::Activation activation = plan::Activation::kNone;
  SampleMatrix a = {};
  SampleMatrix b = {};
  SampleMatrix residual = {};
  SampleMatrix out = {};
};

struct SampleAttention {
  int64_t batch = 1;
  int64_t heads = 1;
  int64_t key_heads = 1;
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t head_dim = 0;
  int64_t value_dim = 0;
  bool packed = true;  // q, k and v are parts of one tensor's rows, where their sizes allow it
  int64_t bias_batches = 0;  // 0: no bias
  bool masked = false;    // the bias hides some keys, and from the first query of all all of them
  bool key_bias = false;  // the bias depends on the key alone
  bool causal = false;
  double softcap = 0;
  int64_t panel_rows =
      0;  // not 0: operands and result lie in panels, those of the result in another order
  DType dtype = DType::kF16;
};

/// The mean of tokens in f16, normalised before or not, and its product, normalised after or not.
struct SampleHead {
  int64_t batch = 1;
  int64_t tokens = 0;
  int64_t k = 0;
  int64_t n = 0;
  bool normalize = true;
  bool normalize_result = true;
  bool has_parameters = true;  // bias, scales and shifts
  DType out = DType::kF32;
};

SampleStep sample_step(const SampleGemm& gemm, uint64_t seed = 1);
SampleStep sample_step(const SampleAttention& attention, uint64_t seed = 1);
SampleStep sample_step(const SampleHead& head, uint64_t seed = 1);

/// The products and attentions of Swin-T (and -S), ViT-S and ViT-B at 224x224, each once.
std::vector<SampleGemm> model_gemms(int64_t images);
std::vector<SampleAttention> model_attentions(int64_t images);
/// The same, and some of odd sizes, with operands and results in panels: those that devices from
/// compute capability 9.0 on compute in this way.
std::vector<SampleGemm> panel_gemms(int64_t images);
std::vector<SampleAttention> panel_attentions(int64_t images);
/// The heads of these models, and some of odd sizes.
std::vector<SampleHead> heads(int64_t images);
/// Small ones with sizes that no tile divides, in every layout and with every epilogue.
std::vector<SampleGemm> odd_gemms(DType dtype);
/// The same of 8-bit integers, and some of the size of models that tensor cores take.
std::vector<SampleGemm> integer_gemms();
std::vector<SampleAttention> odd_attentions(DType dtype);

/// What a kernel adds up in: f32, or f16 for up to 64 terms and these sums in f32.
enum class Sums : uint8_t { kF32, kF16Chunks };

/// For each element of the result's buffer, its value in double and how far a kernel may be from
/// it; NaN where the step must not write.
struct Expected {
  std::vector<double> values;
  std::vector<double> tolerances;
};
Expected expected(const SampleStep& sample, Sums sums);

/// What is wrong with `result`, the buffer after a run that began with every byte 0xFF, in words.
std::optional<std::string> mismatch(const Expected& expected, const Tensor& result);

}  // namespace nitro::cuda
