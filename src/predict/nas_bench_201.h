#pragma once

#include <string_view>

#include "ir/graph.h"

namespace nitro::predict {

/// A network of NAS-Bench-201 (Dong and Yang, ICLR 2020) for 32x32 images and ten classes: three
/// stages of five cells with 16, 32 and 64 channels, batch normalisations folded. `cell` has six
/// digits, the ops of the edges 0-1, 0-2, 1-2, 0-3, 1-3 and 2-3: 0 none, 1 skip, 2 convolution 1x1,
/// 3 convolution 3x3, 4 average pool 3x3. Weights are arbitrary. kUsage for other text.
Result<Graph> nas_bench_201(std::string_view cell);

}  // namespace nitro::predict
