#pragma once

#include "zoo/module_builder.h"
#include "zoo/zoo.h"

namespace nitro::zoo {

/// The embedding [batch, 1024] of a normalised image [batch, 3, 224, 224] by EdgeVL's students.
Result<ValueId> vit(const ModuleBuilder& root, ValueId image, const VitSize& size);
Result<ValueId> swin(const ModuleBuilder& root, ValueId image, const SwinSize& size);

}  // namespace nitro::zoo
