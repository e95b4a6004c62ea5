#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace nitro::predict {

/// The kinds of kernels whose rates differ.
enum class Family : uint8_t {
  kConvolution,  // dense, more than one tap
  kPointwise,    // 1x1 convolutions, and products with constant weights
  kDepthwise,    // convolutions in groups of few channels
  kVector,       // products of few rows with constant weights
  kProduct,      // of two computed operands
  kPool,
  kReduce,  // sums and means, normalisations across channels
  kSoftmax,
  kElementwise,
  kMovement,  // transposes, copies, gathers, resizes
};
inline constexpr std::array<std::string_view, 10> kFamilyNames = {
    "convolution", "pointwise", "depthwise", "vector",      "product",
    "pool",        "reduce",    "softmax",   "elementwise", "movement"};
inline constexpr size_t kFamilies = kFamilyNames.size();
constexpr std::string_view name(Family family) { return kFamilyNames[static_cast<size_t>(family)]; }

/// A layer as a product [rows, inner] x [inner, columns], `batch` of them; all 1 where it is none.
struct ProductSizes {
  int64_t batch = 1;  // groups of a convolution
  int64_t rows = 1;   // output positions, those of all images
  int64_t columns = 1;
  int64_t inner = 1;  // taps times channels
  int64_t taps = 1;
  bool winograd = false;  // 3x3, dense, stride 1: kernels with fewer multiplications exist
};

/// One kernel that a runtime launches, with the origins of all nodes that it covers.
struct Layer {
  Family family = Family::kElementwise;
  ProductSizes product = {};
  double flops = 0;
  double elements_read = 0;  // activations, each once
  double elements_written = 0;
  double weights_read = 0;             // elements of constants
  std::string ops = {};                // for people: "Conv + Add + Relu"
  std::vector<OriginId> origins = {};  // sorted, unique
};

/// How a runtime puts ops into one kernel. Before TensorRT 7 each sum of two values is a kernel of
/// its own, and a ReLU is part of whatever makes its operand: so it is in the latencies of
/// NAS-Bench-201. From TensorRT 8.5 on, whole transformers are compiled: an attention is one kernel
/// that reads its operands wherever they lie, and elementwise ops follow whatever makes their
/// operand.
enum class Fusion : uint8_t { kTensorrt6, kTensorrt8, kTensorrt10 };
inline constexpr std::array<std::string_view, 3> kFusionNames = {"tensorrt-6", "tensorrt-8",
                                                                 "tensorrt-10"};
constexpr std::string_view name(Fusion fusion) { return kFusionNames[static_cast<size_t>(fusion)]; }

/// The kernels that TensorRT makes of a graph, in execution order: activations and residual sums
/// are in the product before them, chains of elementwise ops of one size are one kernel, reshapes
/// are nothing, and what is concatenated along the outermost axis longer than one is written in
/// place, but for an operand that appears twice. After the fusions described under "Types of
/// Fusions" in NVIDIA's TensorRT 8 developer guide. `graph`: of prepared_for_tensorrt().
std::vector<Layer> tensorrt_layers(const Graph& graph, Fusion fusion = Fusion::kTensorrt8);

}  // namespace nitro::predict
