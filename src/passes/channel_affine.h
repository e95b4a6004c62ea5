#pragma once

#include <functional>
#include <optional>
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

/// A convolution with constant parameters: weight [M, C, kernel…], bias [M] or nullptr.
struct ConstantConv {
  const Conv& op;
  const Tensor& weight;
  const Tensor* bias;

  /// Whether it pads with zeros, which a shift before it would turn into something else.
  bool pads() const;
};

/// The parameters with which a convolution of `source` equals one of what `nodes` make of it.
struct Folded {
  ValueId source = kNoValue;
  Tensor weight;
  std::optional<Tensor> bias;
  std::vector<const Node*> nodes;
};
/// `conv` on the affine map as one on its source. It must not pad where there is a shift.
Folded fold_into_convolution(const ChannelAffine& affine, const ConstantConv& conv);

/// What a pass can fold of the making of `image` into the convolution of it; nothing where nothing.
using FoldImage =
    std::function<std::optional<Folded>(const Rewriter&, const ConstantConv&, ValueId image)>;

/// Where `node` is a convolution, replaces it by one of what `fold` finds. A convolution of images
/// that are joined into a batch becomes one of each, where `fold` finds something for any of them.
Result<bool> fold_image(Rewriter& rewriter, const Node& node, const FoldImage& fold);

}  // namespace nitro::passes
