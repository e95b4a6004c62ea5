#pragma once

#include <cstddef>
#include <vector>

namespace nitro::synth {

/// Each value with its eight neighbours (those at the border again where there are none): weight
/// `side` for each of four sides against 1 in the middle, its square for corners.
template <class T>
std::vector<T> blurred(const std::vector<T>& values, int size, float side) {
  const float scale = 1 / (1 + 2 * side);
  const auto along = [&](const std::vector<T>& from, int step_x, int step_y) {
    std::vector<T> to(from.size());
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const auto at = [&](int sign) {
          const int px = x + sign * step_x, py = y + sign * step_y;
          const bool inside = px >= 0 && py >= 0 && px < size && py < size;
          return from[static_cast<size_t>(inside ? py * size + px : y * size + x)];
        };
        to[static_cast<size_t>(y * size + x)] = (at(0) + (at(-1) + at(1)) * side) * scale;
      }
    }
    return to;
  };
  return along(along(values, 1, 0), 0, 1);
}

}  // namespace nitro::synth
