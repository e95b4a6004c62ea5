#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

namespace nitro {

/// Calls body(begin, end) on contiguous parts of [0, count), one per hardware thread. The split never
/// changes what an index computes, so results do not depend on the number of threads.
template <class Body>
void parallel_for(int64_t count, int64_t smallest_part, Body body) {
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const int64_t parts = std::clamp(count / std::max<int64_t>(1, smallest_part), int64_t{1}, cores);
  std::vector<std::jthread> threads;
  for (int64_t part = 1; part < parts; ++part) {
    threads.emplace_back([=, &body] { body(count * part / parts, count * (part + 1) / parts); });
  }
  body(int64_t{0}, count / parts);
}

}  // namespace nitro
