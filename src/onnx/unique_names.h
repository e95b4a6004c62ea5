#pragma once

#include <string>
#include <unordered_map>

namespace nitro::onnx {

/// Names in use, and variations of names that are not.
class UniqueNames {
 public:
  /// Whether `name` was free; it is taken now, once more where it was not.
  bool take(const std::string& name) { return ++taken_[name] == 1; }

  /// Undoes one take(): `name` is free again when all are undone.
  void release(const std::string& name) {
    const auto found = taken_.find(name);
    if (found != taken_.end() && --found->second == 0) taken_.erase(found);
  }

  /// `wanted`, or a variation of it, now taken.
  std::string choose(const std::string& wanted) {
    std::string name = wanted;
    while (taken_.contains(name)) name = wanted + '_' + std::to_string(++variations_[wanted]);
    take(name);
    return name;
  }

 private:
  std::unordered_map<std::string, int> taken_;       // how often
  std::unordered_map<std::string, int> variations_;  // tried so far
};

}  // namespace nitro::onnx
