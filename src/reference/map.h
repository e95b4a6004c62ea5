#pragma once

#include "base/parallel.h"
#include "reference/evaluate.h"

namespace nitro::reference {

/// Elements that are worth a thread of their own.
inline constexpr int64_t kElementsPerThread = 16384;

/// values[i] = function(i) for each i.
template <class T, class Function>
void fill(std::vector<T>& values, Function function) {
  parallel_for(static_cast<int64_t>(values.size()), kElementsPerThread,
               [&](int64_t begin, int64_t end) {
                 for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
                   values[i] = function(i);
                 }
               });
}

/// y = function(x) by element, computed in T (double or int64_t).
template <class T, class Function>
void map(const Tensor& x, Tensor& y, Function function) {
  std::vector<T> values = x.as<T>();
  fill(values, [&](size_t i) { return function(values[i]); });
  y.assign<T>(values);
}

}  // namespace nitro::reference
