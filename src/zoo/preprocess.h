#pragma once

#include "zoo/module_builder.h"
#include "zoo/zoo.h"

namespace nitro::zoo {

/// EdgeVL's preparation of an image [batch, channels, 224, 224] with values of 0..255: one channel
/// replicated to three, division by 255, normalisation by the mean and deviation of ImageNet.
Result<ValueId> preprocess(const ModuleBuilder& root, ValueId image);

}  // namespace nitro::zoo
