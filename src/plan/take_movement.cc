#include <algorithm>
#include <map>

#include "plan/after_movement.h"
#include "plan/groups.h"

namespace nitro::plan {
namespace {

constexpr int64_t kBestRun = 8;

/// An operand of a step: how well it can be read after `map` moved its elements.
struct Reader {
  ValueId value = kNoValue;
  std::function<int64_t(std::span<const int64_t> map)> run;
};

/// `in_any_order` says that the columns may be read in the order in which memory has them.
Reader reader_of(const Operand& operand, bool in_any_order) {
  return {operand.value,
          [&elements = operand.elements, in_any_order](std::span<const int64_t> map) {
            auto places = through(elements, map);
            if (places && in_any_order) {
              places->offsets = in_order(places->offsets, order_in_memory(*places));
            }
            return places ? run_of_view(*places) : 0;
          }};
}

Reader reader_of(const Graph& graph, ValueId value, int64_t heads) {
  return {value, [&graph, value, heads](std::span<const int64_t> map) -> int64_t {
            const HeadPlaces whole = head_places(graph.type(value).shape, heads);
            HeadPlaces places = whole;
            if (!map.empty()) {
              places.at = [&](int64_t batch, int64_t head, int64_t token, int64_t channel) {
                return map[static_cast<size_t>(whole.at(batch, head, token, channel))];
              };
            }
            return head_view(kNoBuffer, places) ? kBestRun : 0;
          }};
}

std::vector<Reader> readers_of(const Graph& graph, const Group& group) {
  std::vector<Reader> readers;
  if (const auto* product = std::get_if<Product>(&group)) {
    const bool constant_b = graph.constant(product->b.value) != nullptr;
    readers.push_back(reader_of(product->a, constant_b));
    if (!constant_b) readers.push_back(reader_of(product->b, false));
    if (product->residual.value != kNoValue) readers.push_back(reader_of(product->residual, false));
  }
  if (const auto* attention = std::get_if<AttentionGroup>(&group)) {
    const Node& node = graph.node(attention->attention);
    readers.push_back(reader_of(graph, node.inputs[0], attention->sizes.heads));
    readers.push_back(reader_of(graph, node.inputs[1], attention->sizes.key_heads));
    readers.push_back(reader_of(graph, node.inputs[2], attention->sizes.key_heads));
  }
  return readers;
}

/// The run of the view of the result if it is written where `moved` has its elements; 0: there is
/// none.
int64_t run_of_result(const Graph&, const Product& product, const Moved& moved) {
  const auto places = through(product.out, moved.places);
  return places ? run_of_view(*places) : 0;
}

int64_t run_of_result(const Graph& graph, const AttentionGroup& group, const Moved& moved) {
  return reader_of(graph, graph.node(group.attention).outputs[0], group.sizes.heads)
      .run(moved.places);
}

class Movement {
 public:
  Movement(const Lowering& lowering, const std::vector<Group>& groups)
      : lowering_(lowering), graph_(lowering.graph()) {
    for (const Group& group : groups) {
      for (Reader& reader : readers_of(graph_, group)) {
        const ValueId source = trace(graph_, reader.value, [](ValueId) { return false; }).source;
        readers_[source].push_back(std::move(reader));
      }
    }
  }

  template <class AnyGroup>
  void take(AnyGroup& group) const {
    const std::vector<Moved> all = after_movement(lowering_, group.result);
    if (all.size() < 2) return;
    const Moved* best = nullptr;
    int64_t best_run = -1;
    const bool gives_output = lowering_.uses().is_output(all.back().value);
    for (const Moved& moved : all) {
      if (gives_output && &moved != &all.back()) continue;
      const int64_t written = run_of_result(graph_, group, moved);
      const int64_t run = written > 0 ? std::min(written, run_of_readers(group.result, moved)) : -1;
      if (run > best_run) {
        best = &moved;
        best_run = run;
      }
    }
    if (!best) return;
    group.result = best->value;
    group.places = best->places;
    group.nodes.insert(group.nodes.end(), best->nodes.begin(), best->nodes.end());
  }

  /// A loop can write in any order.
  void take(Fusion& fusion) const {
    if (fusion.results.size() != 1 || !readers_.contains(fusion.results[0])) return;
    const std::vector<Moved> all = after_movement(lowering_, fusion.results[0]);
    const auto best = std::ranges::max_element(
        all, {}, [&](const Moved& moved) { return run_of_readers(fusion.results[0], moved); });
    fusion.results[0] = best->value;
    fusion.nodes.insert(fusion.nodes.end(), best->nodes.begin(), best->nodes.end());
  }

 private:
  int64_t run_of_readers(ValueId source, const Moved& moved) const {
    const auto found = readers_.find(source);
    int64_t run = kBestRun;
    if (found == readers_.end()) return run;
    for (const Reader& reader : found->second) {
      const Traced traced =
          trace(graph_, reader.value, [&](ValueId value) { return value == moved.value; });
      run = std::min(run, reader.run(traced.places));
    }
    return run;
  }

  const Lowering& lowering_;
  const Graph& graph_;
  std::map<ValueId, std::vector<Reader>> readers_;
};

}  // namespace

void take_movement(const Lowering& lowering, std::vector<Group>& groups) {
  const Movement movement(lowering, groups);
  for (Group& group : groups) {
    if (auto* product = std::get_if<Product>(&group)) movement.take(*product);
    if (auto* attention = std::get_if<AttentionGroup>(&group)) movement.take(*attention);
  }
}

void take_movement(const Lowering& lowering, const std::vector<Group>& readers,
                   std::vector<Fusion>& fusions) {
  const Movement movement(lowering, readers);
  for (Fusion& fusion : fusions) movement.take(fusion);
}

}  // namespace nitro::plan
