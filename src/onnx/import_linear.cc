#include "onnx/import_attention.h"
#include "onnx/import_convolution.h"
#include "onnx/import_einsum.h"
#include "onnx/import_matmul.h"
#include "onnx/importers.h"

namespace nitro::onnx {

std::span<const ImporterRow> linear_importers() {
  static constexpr ImporterRow kRows[] = {
      {"", "Attention", import_attention},
      {"", "Conv", import_conv},
      {"", "ConvTranspose", import_conv_transpose},
      {"", "Einsum", import_einsum},
      {"", "Gemm", import_gemm},
      {"", "MatMul", import_matmul},
      {"com.microsoft", "Attention", import_projected_attention},
      {"com.microsoft", "FusedConv", import_fused_conv},
      {"com.microsoft", "FusedGemm", import_fused_gemm},
      {"com.microsoft", "FusedMatMul", import_fused_matmul},
      {"com.microsoft", "MultiHeadAttention", import_multi_head_attention},
      {"com.microsoft", "TransposeMatMul", import_fused_matmul},
  };
  return kRows;
}

}  // namespace nitro::onnx
