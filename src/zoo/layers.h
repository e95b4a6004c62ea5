#pragma once

#include "zoo/module_builder.h"

namespace nitro::zoo {

enum class Bias : uint8_t { kNone, kAdded };

/// nn.Linear on tokens [batch, tokens, in]: MatMul, then Add with the bias as first operand.
Result<ValueId> linear(const ModuleBuilder& module, ValueId tokens, int64_t out,
                       Bias bias = Bias::kAdded);

/// The same with parameters that `module` has under other names, in the same layout.
struct LinearNames {
  std::string_view weight;
  std::string_view bias;  // empty: none
};
Result<ValueId> linear_named(const ModuleBuilder& module, ValueId tokens, int64_t out,
                             const LinearNames& names);

/// nn.Linear on vectors [batch, in]: Gemm.
Result<ValueId> linear_of_vectors(const ModuleBuilder& module, ValueId vectors, int64_t out);

/// nn.LayerNorm over the last axis.
Result<ValueId> layer_norm(const ModuleBuilder& module, ValueId tokens, double epsilon);

/// Patches of the image as tokens [batch, patches, width]: nn.Conv2d `convolution` inside `module`,
/// with the stride of its kernel; flatten; transpose.
Result<ValueId> patch_tokens(const ModuleBuilder& module, std::string_view convolution,
                             ValueId image, int64_t width, int64_t patch, Bias bias = Bias::kAdded);

/// nn.Conv2d on maps [batch, channels, rows, columns], with a square kernel.
struct ConvSize {
  int64_t out = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t groups = 1;
};
Result<ValueId> convolution(const ModuleBuilder& module, ValueId map, const ConvSize& size,
                            Bias bias = Bias::kAdded);

/// nn.AdaptiveAvgPool1d(1) over the tokens, as `avgpool` of the root module: [batch, width].
Result<ValueId> mean_of_tokens(const ModuleBuilder& root, ValueId tokens);

Result<ValueId> reshape(const ModuleBuilder& module, ValueId value, Shape shape);
Result<ValueId> transpose(const ModuleBuilder& module, ValueId value, Ints perm);
Result<ValueId> add(const ModuleBuilder& module, ValueId a, ValueId b);
/// Entry `index` of the outermost axis, without that axis.
Result<ValueId> select(const ModuleBuilder& module, ValueId value, int64_t index);
/// q (times 1 / sqrt(head width)), k and v [batch, heads, tokens, head width] of the three stacked
/// [3, batch, heads, tokens, head width].
struct Heads {
  ValueId q;
  ValueId k;
  ValueId v;
};
Result<Heads> scaled_heads(const ModuleBuilder& module, ValueId stacked);
/// `size` elements of one axis from `start` in steps of `step`.
Result<ValueId> slice(const ModuleBuilder& module, ValueId value, size_t axis, int64_t start,
                      int64_t size, int64_t step = 1);

}  // namespace nitro::zoo
