#pragma once

#include <cstddef>
#include <cstdint>

namespace nitro::onnx {

/// Messages inside one another in a file. A subgraph costs three levels.
inline constexpr int kMaxMessageDepth = 200;

/// What a model file may ask for before it is refused, with kLimitExceeded where it is too much.
struct Limits {
  uint64_t max_model_bytes = (uint64_t{1} << 31) - 1;
  size_t max_nodes = 1'000'000;
  size_t max_name_bytes = 64 * 1024;
  int max_subgraph_depth = 64;  // kMaxMessageDepth allows for it
  /// Memory for parsed messages: this plus 8 bytes per byte of file.
  uint64_t message_budget = uint64_t{64} << 20;
  /// Of external data; links that leave the model's folder are always refused.
  bool symlinks = false;
  bool hard_links = true;
};

}  // namespace nitro::onnx
