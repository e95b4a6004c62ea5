#pragma once

#include <string>
#include <unordered_map>

#include "onnx/byte_budget.h"
#include "onnx/unique_names.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace nitro::onnx {

/// What the tensors of a body (a function's, a branch's) are called in the graph that takes it in.
/// Each name given spends of a budget.
class Renaming {
 public:
  /// What becomes of a name that was not set: kFresh ones get a name of their own.
  enum class Others : uint8_t { kKept, kFresh };
  Renaming(UniqueNames& taken, ByteBudget& budget, Others others)
      : taken_(taken), budget_(budget), others_(others) {}

  void set(const std::string& inner, std::string outer) { names_[inner] = std::move(outer); }
  void set_fresh(const std::string& inner) { names_[inner] = taken_.choose(inner); }
  bool knows(const std::string& inner) const { return names_.contains(inner); }
  std::string of(const std::string& inner);

  /// Renames what `node` reads and writes, in its subgraphs too.
  void apply(::onnx::NodeProto& node);
  void apply(::onnx::GraphProto& graph);

 private:
  std::unordered_map<std::string, std::string> names_;
  UniqueNames& taken_;
  ByteBudget& budget_;
  Others others_;
};

/// Takes the names of all tensors in `graph` and its subgraphs.
void take_names(const ::onnx::GraphProto& graph, UniqueNames& taken);
/// Undoes take_names().
void release_names(const ::onnx::GraphProto& graph, UniqueNames& taken);

}  // namespace nitro::onnx
