#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace nitro::onnx {

/// Names in use, and variations of names that are not.
class UniqueNames {
 public:
  /// Whether `name` was free; it is taken now.
  bool take(const std::string& name) { return taken_.insert(name).second; }

  /// `wanted`, or a variation of it, now taken.
  std::string choose(const std::string& wanted) {
    std::string name = wanted;
    while (!take(name)) name = wanted + '_' + std::to_string(++variations_[wanted]);
    return name;
  }

 private:
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int> variations_;  // tried so far
};

}  // namespace nitro::onnx
