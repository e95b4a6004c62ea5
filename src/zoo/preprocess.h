#pragma once

#include "image/imagenet.h"
#include "zoo/module_builder.h"
#include "zoo/zoo.h"

namespace nitro::zoo {

/// Of the red, green and blue of the images that a model was trained on, as fractions of full
/// scale.
struct ChannelStatistics {
  std::array<double, 3> mean;
  std::array<double, 3> deviation;
};
inline constexpr ChannelStatistics kEdgeVlImages = {image::kImageNetMean,
                                                    image::kImageNetDeviation};
inline constexpr ChannelStatistics kClipImages = {{0.48145466, 0.4578275, 0.40821073},
                                                  {0.26862954, 0.26130258, 0.27577711}};

/// The preparation of an image [batch, channels, 224, 224] with values of 0..255: one channel
/// replicated to three, division by 255, normalisation by the mean and deviation.
Result<ValueId> preprocess(const ModuleBuilder& root, ValueId image,
                           const ChannelStatistics& statistics);

}  // namespace nitro::zoo
