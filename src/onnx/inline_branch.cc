#include "onnx/inline_branch.h"

#include <onnx-ml.pb.h>

#include <algorithm>
#include <new>
#include <unordered_set>
#include <vector>

#include "onnx/renaming.h"

namespace nitro::onnx {
namespace {

/// Frees the names of what vanishes with the If; those in subgraphs of the taken branch stay.
void release_branches(const ::onnx::NodeProto& node, const ::onnx::GraphProto& branch,
                      UniqueNames& taken) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g() && &attribute.g() != &branch) release_names(attribute.g(), taken);
  }
  for (const auto& tensor : branch.initializer()) taken.release(tensor.name());
  for (const auto& inner : branch.node()) {
    for (const std::string& name : inner.output()) taken.release(name);
  }
}

void fit(const ::onnx::NodeProto& node, ::onnx::GraphProto& branch, UniqueNames& taken,
         ByteBudget& budget) {
  std::unordered_set<std::string> made;
  for (const auto& inner : branch.node()) made.insert(inner.output().begin(), inner.output().end());
  Renaming renaming(taken, budget, Renaming::Others::kKept);
  std::vector<std::pair<std::string, std::string>> copies;  // from, to
  for (int i = 0; i < std::min(node.output_size(), branch.output_size()); ++i) {
    const std::string& name = branch.output(i).name();
    if (made.contains(name) && !renaming.knows(name)) {
      renaming.set(name, node.output(i));
    } else {  // captured from outside, an initializer, or listed twice
      copies.emplace_back(name, node.output(i));
    }
  }
  for (const auto& tensor : branch.initializer()) renaming.set_fresh(tensor.name());
  for (const auto& inner : branch.node()) {
    for (const std::string& name : inner.output()) {
      if (!name.empty() && !renaming.knows(name)) renaming.set_fresh(name);
    }
  }
  renaming.apply(branch);
  for (const auto& [from, to] : copies) {
    budget.spend(node.name().size() + to.size());
    auto& identity = *branch.add_node();
    identity.set_op_type("Identity");
    identity.set_name(node.name());
    identity.add_input(renaming.of(from));
    identity.add_output(to);
  }
}

}  // namespace

::onnx::GraphProto* taken_branch(::onnx::NodeProto& node, bool condition) {
  for (auto& attribute : *node.mutable_attribute()) {
    if (attribute.has_g() && attribute.name() == (condition ? "then_branch" : "else_branch")) {
      return attribute.mutable_g();
    }
  }
  return nullptr;
}

Result<void> inline_branch(const ::onnx::NodeProto& node, ::onnx::GraphProto& branch,
                           UniqueNames& taken, ByteBudget& budget) {
  try {
    release_branches(node, branch, taken);
    fit(node, branch, taken, budget);
    return {};
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kLimitExceeded, "its branch has too many and too long names");
  }
}

}  // namespace nitro::onnx
