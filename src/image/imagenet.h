#pragma once

#include <array>

namespace nitro::image {

/// Of the red, green and blue of ImageNet's images, as fractions of full scale.
inline constexpr std::array<double, 3> kImageNetMean = {0.485, 0.456, 0.406};
inline constexpr std::array<double, 3> kImageNetDeviation = {0.229, 0.224, 0.225};

}  // namespace nitro::image
