#pragma once

#include <vector>

#include "passes/rewriter.h"

namespace nitro::passes {

/// A value [N, C, …] as source * scale[c] + shift[c], by Add, Sub, Mul and Div with constants.
struct ChannelAffine {
  ValueId source = kNoValue;  // of the same shape, or with one channel that broadcasts to C
  std::vector<double> scale;
  std::vector<double> shift;
  std::vector<const Node*> nodes;

  bool has_shift() const;
};

/// `value` traced up through its chain of such binaries; each value between is read only by the
/// chain. With no binary, `value` itself with scale 1 and shift 0.
ChannelAffine trace_channel_affine(const Rewriter& rewriter, ValueId value);

/// The weight w [M, C, kernel…] and bias of a convolution of group 1 or more on
/// x * scale[c] + shift[c], as those of one on x. `bias` may be nullptr. The convolution must not
/// pad where there is a shift.
struct Folded {
  Tensor weight;
  Tensor bias;
};
Folded fold_into_convolution(const ChannelAffine& affine, const Tensor& weight, const Tensor* bias,
                             int64_t group);

/// Whether `conv` pads with zeros, which a shift before it would turn into something else.
bool pads(const Conv& conv);

/// Replaces the convolution `node` of `affine` by one of its source with the folded parameters.
Result<void> replace_convolution(Rewriter& rewriter, const Node& node, const ChannelAffine& affine,
                                 Folded folded);

}  // namespace nitro::passes
