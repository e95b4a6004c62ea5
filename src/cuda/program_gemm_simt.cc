#include "cuda/program_gemm_simt.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cuda/config_text.h"
#include "cuda/gemm_simt_tile.h"
#include "cuda/kernel_text.h"
#include "cuda_embedded.h"

namespace nitro::cuda {
namespace {

constexpr int kFirstWithHalves = 53;             // compute capability
constexpr int kFirstWithDots = 61;               // of four 8-bit integers
constexpr int64_t kBlocksOfMultiprocessor = 32;  // the most

std::string_view type_of(const plan::Plan& plan, plan::BufferId buffer) {
  return buffer == plan::kNoBuffer ? "f16" : element_type(plan.buffers[buffer].type.dtype);
}

std::string view_text(std::string_view name, const plan::MatrixView& view) {
  return fmt::format(
      "  struct {} {{\n"
      "    static constexpr bool kBases = {}, kOffsets = {};\n"
      "    static constexpr int kRowStride = {}, kColumnStride = {}, kRun = {};\n"
      "    static constexpr long long kBatchStride = {};\n"
      "  }};\n",
      name, view.bases != plan::kNoBuffer, view.offsets != plan::kNoBuffer, view.row_stride,
      view.column_stride, view.run, view.batch_stride);
}

/// How a product is computed.
struct Policy {
  std::string_view sums;      // of kernels/gemm_simt_sums.cuh
  std::string_view name;      // for people
  int64_t element_bytes = 0;  // of what is multiplied
  Arithmetic arithmetic = Arithmetic::kF32;
  int byte_exponent = 0;  // 8-bit weights in f16 are multiplied as 2^-byte_exponent of themselves
};

/// With which these weights are about as large as the numbers that they stand for, so that sums in
/// f16 are no larger than those.
int byte_exponent(const plan::Plan& plan, const plan::Gemm& gemm) {
  constexpr int kMost = 14;  // beyond, f16 would lose digits
  if (gemm.column_scales == plan::kNoBuffer) return kMost / 2;
  double largest = 0;
  for (double scale : plan.buffers[gemm.column_scales].constant->as<double>())
    largest = std::max(largest, std::abs(scale));
  return std::isnormal(largest) ? std::clamp(-std::ilogb(largest), 0, kMost) : kMost / 2;
}

/// The constants that kernels/gemm_simt_sums.cuh names, as two halves each.
std::string byte_text(int exponent) {
  const unsigned factor = static_cast<unsigned>(15 - exponent) << 10;
  const unsigned term = 0x8080U | static_cast<unsigned>(25 - exponent) << 10;  // -1.125 * 2^10
  return fmt::format("constexpr unsigned kByteFactor = 0x{:08X}u, kByteTerm = 0x{:08X}u;\n",
                     factor * 0x10001U, term * 0x10001U);
}

Policy policy_of(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  const DType a = plan.buffers[gemm.a.buffer].type.dtype,
              b = plan.buffers[gemm.b.buffer].type.dtype;
  if (is_byte(a) && b == DType::kI8 && target.compute_capability >= kFirstWithDots) {
    return {a == DType::kU8 ? "IntegerSums<true>" : "IntegerSums<false>", "int8", 1,
            Arithmetic::kInt8};
  }
  const bool halves = b == DType::kF16 || (is_byte(b) && a == DType::kF16);
  if (halves && gemm.wide == plan::Wide::kNothing && target.compute_capability >= kFirstWithHalves)
    return {"HalfSums", "f16", 2, Arithmetic::kF16, is_byte(b) ? byte_exponent(plan, gemm) : 0};
  return {"FloatSums", "f32", 4, Arithmetic::kF32};
}

std::string config_text(const plan::Plan& plan, const plan::Gemm& gemm, const GemmSimtTile& tile,
                        const Policy& policy) {
  std::string text = fmt::format(
      "struct Config {{\n  typedef {} A;\n  typedef {} B;\n  typedef {} R;\n  typedef {} O;\n"
      "  typedef {} Sums;\n",
      type_of(plan, gemm.a.buffer), type_of(plan, gemm.b.buffer),
      type_of(plan, gemm.residual.buffer), type_of(plan, gemm.out.buffer), policy.sums);
  text += fmt::format(
      "  static constexpr int kM = {}, kN = {}, kK = {}, kRowsEach = {}, kThreadRows = {}, "
      "kThreadColumns = {}, kSegment = {}, kColumnTiles = {}, kActivation = {};\n",
      gemm.m, gemm.n, gemm.k, tile.rows_each, tile.thread_rows, tile.thread_columns, tile.segment,
      tile.column_tiles, static_cast<int>(gemm.activation));
  text += fmt::format(
      "  static constexpr bool kNormalize = {}, kHasBias = {}, kHasResidual = {};\n"
      "  static constexpr float kEpsilon = {}, kAlpha = {};\n",
      gemm.normalize, gemm.bias != plan::kNoBuffer, gemm.residual.buffer != plan::kNoBuffer,
      literal(gemm.epsilon), literal(std::ldexp(gemm.alpha, policy.byte_exponent)));
  text += epilogue_text(plan, gemm);
  return text + view_text("AView", gemm.a) + view_text("BView", gemm.b) +
         view_text("RView", gemm.residual) + view_text("OView", gemm.out) + "};\n";
}

/// The tables and what else a kernel reads besides its operands.
std::string pointers_text(const plan::Gemm& gemm) {
  const plan::Kernel kernel = gemm;
  const auto p = [&](plan::BufferId buffer) { return parameter(kernel, buffer); };
  return fmt::format(
      "  const GemmSimtPointers pointers = {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}};\n",
      p(gemm.a.bases), p(gemm.a.offsets), p(gemm.b.bases), p(gemm.b.offsets), p(gemm.bias),
      p(gemm.column_scales), p(gemm.residual.bases), p(gemm.residual.offsets), p(gemm.out.bases),
      p(gemm.out.offsets));
}

std::string operands_text(const plan::Gemm& gemm) {
  const plan::Kernel kernel = gemm;
  return fmt::format("{}, {}, {}, {}, pointers", parameter(kernel, gemm.a.buffer),
                     parameter(kernel, gemm.b.buffer), parameter(kernel, gemm.residual.buffer),
                     written_parameter(kernel, gemm.out.buffer));
}

bool for_tensor_cores(const plan::Gemm& gemm) {
  return gemm.pairs || gemm.packed_rows > 0 || gemm.a.panel_rows > 0 || gemm.b.panel_rows > 0 ||
         gemm.residual.panel_rows > 0 || gemm.out.panel_rows > 0 ||
         gemm.row_parts_in != plan::kNoBuffer || gemm.row_parts_out != plan::kNoBuffer;
}

Result<Program> program_without_entry(const plan::Plan& plan, const plan::Gemm& gemm,
                                      const Target& target) {
  if (for_tensor_cores(gemm)) {
    return fail(ErrorCode::kUnsupportedOp,
                "a product in the form for tensor cores has no program "
                "without them");
  }
  const Policy policy = policy_of(plan, gemm, target);
  const GemmSimtTile tile = gemm_simt_tile(gemm, policy.element_bytes, target);
  Program program;
  const std::string bytes = byte_text(policy.byte_exponent);
  for (std::string_view part :
       {embedded::prelude_cuh, embedded::pieces_cuh, std::string_view(bytes),
        embedded::gemm_simt_sums_cuh, embedded::gemm_simt_loader_cuh, embedded::gemm_simt_cuh}) {
    program.source += part;
    program.source += '\n';
  }
  program.source += config_text(plan, gemm, tile, policy);
  program.grid = {tile.blocks(gemm), 1, 1};
  program.threads = tile.threads();
  program.arithmetic = policy.arithmetic;
  program.variant = fmt::format("simt {} {}x{}x{}, {} rows each", policy.name, tile.m(), tile.n(),
                                tile.segment, tile.rows_each);
  if (tile.column_tiles > 1) program.variant += fmt::format(", {} in turn", tile.column_tiles);
  return program;
}

}  // namespace

Result<Program> simt_program(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  Program program = TRY(program_without_entry(plan, gemm, target));
  program.source += fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}) {{\n{}"
      "  GemmSimt<Config>::run(blockIdx.x, {});\n}}\n",
      program.threads, parameters(plan, gemm), pointers_text(gemm), operands_text(gemm));
  return program;
}

Result<Program> simt_program_on_one(const plan::Plan& plan, const plan::Gemm& gemm,
                                    const Target& target) {
  Target one = target;
  one.multiprocessors = 1;
  Program program = TRY(program_without_entry(plan, gemm, one));
  program.source += fmt::format(
      "extern \"C\" __global__ void __launch_bounds__({}) step({}, int* next) {{\n{}"
      "  run_on_one<Config>({}, {}, next);\n}}\n",
      program.threads, parameters(plan, gemm), pointers_text(gemm), program.grid[0],
      operands_text(gemm));
  program.grid = {target.multiprocessors * kBlocksOfMultiprocessor, 1, 1};
  return program;
}

}  // namespace nitro::cuda
