#include "profile/join.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace nitro::profile {
namespace {

class Join {
 public:
  Join(const onnx::ImportedModel& model, const std::vector<runner::NodeTime>& executed)
      : model_(model),
        executed_(executed),
        covered_(executed.size()),
        claimed_(model.nodes.size(), false) {
    for (size_t i = 0; i < model.nodes.size(); ++i) {
      for (const std::string& output : model.nodes[i].outputs) {
        if (!output.empty()) producer_.emplace(output, i);
      }
      for (const Origin& origin : model.nodes[i].origins) origin_nodes_.emplace(origin.node, i);
    }
    for (size_t i = 0; i < executed.size(); ++i) {
      for (const std::string& output : executed[i].outputs) {
        if (output.empty()) continue;
        available_.insert(output);
        maker_.emplace(output, i);
      }
      for (const std::string& input : executed[i].inputs) {
        if (!input.empty()) readers_[input].push_back(i);
      }
    }
  }

  std::vector<Covered> run() {
    for (size_t i = 0; i < executed_.size(); ++i) {
      if (executed_[i].origins) {
        cover_origins(i);
      } else {
        cover(i);
      }
    }
    for (size_t i = 0; i < executed_.size(); ++i) {
      if (covered_[i].nodes.empty()) covered_[i].inserted = true;
    }
    // A chain of inserted nodes takes its cover step by step from the end that has one.
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = executed_.size(); i-- > 0;) changed |= borrow(i);
    }
    return std::move(covered_);
  }

 private:
  void cover_origins(size_t executed) {
    std::vector<size_t>& nodes = covered_[executed].nodes;
    for (const std::string& origin : *executed_[executed].origins) {
      const auto [first, last] = origin_nodes_.equal_range(origin);
      for (auto node = first; node != last; ++node) nodes.push_back(node->second);
    }
    std::ranges::sort(nodes);
    nodes.erase(std::ranges::unique(nodes).begin(), nodes.end());
  }

  /// Walks back from the outputs; stops at tensors that some executed node delivers.
  void cover(size_t executed) {
    std::vector<std::string> pending = executed_[executed].outputs;
    const std::unordered_set<std::string> inputs(executed_[executed].inputs.begin(),
                                                 executed_[executed].inputs.end());
    std::vector<size_t>& nodes = covered_[executed].nodes;
    while (!pending.empty()) {
      const auto producer = producer_.find(pending.back());
      pending.pop_back();
      if (producer == producer_.end() || claimed_[producer->second]) continue;
      claimed_[producer->second] = true;
      nodes.push_back(producer->second);
      for (const std::string& input : model_.nodes[producer->second].inputs) {
        if (!inputs.contains(input) && !available_.contains(input)) pending.push_back(input);
      }
    }
    std::ranges::sort(nodes);
  }

  bool borrow(size_t executed) {
    if (!covered_[executed].nodes.empty() || executed_[executed].origins) return false;
    std::vector<size_t> neighbours;
    for (const std::string& output : executed_[executed].outputs) {
      const auto readers = readers_.find(output);
      if (readers != readers_.end())
        neighbours.insert(neighbours.end(), readers->second.begin(), readers->second.end());
    }
    for (const std::string& input : executed_[executed].inputs) {
      const auto maker = maker_.find(input);
      if (maker != maker_.end()) neighbours.push_back(maker->second);
    }
    for (size_t neighbour : neighbours) {
      if (covered_[neighbour].nodes.empty()) continue;
      covered_[executed].nodes = covered_[neighbour].nodes;
      return true;
    }
    return false;
  }

  const onnx::ImportedModel& model_;
  const std::vector<runner::NodeTime>& executed_;
  std::vector<Covered> covered_;
  std::vector<bool> claimed_;
  std::unordered_map<std::string, size_t> producer_;
  std::unordered_multimap<std::string, size_t> origin_nodes_;
  std::unordered_set<std::string> available_;
  std::unordered_map<std::string, size_t> maker_;
  std::unordered_map<std::string, std::vector<size_t>> readers_;
};

}  // namespace

std::vector<Covered> join(const onnx::ImportedModel& model,
                          const std::vector<runner::NodeTime>& executed) {
  return Join(model, executed).run();
}

}  // namespace nitro::profile
