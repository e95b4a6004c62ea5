#include "plan/element.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "plan/element_code.h"
#include "plan/element_resize.h"
#include "plan/row_work.h"

namespace nitro::plan {
namespace {

template <class OpT>
concept HasCode = requires(const OpT& op, const Site& site) {
  code(op, site);
};

/// Ops of which an element is one element of an operand, or a few operations on elements at the
/// same place.
template <class OpT, class... Ops>
constexpr bool is_one_of = (std::is_same_v<OpT, Ops> || ...);
template <class OpT>
constexpr bool is_light =
    is_one_of<OpT, Unary, nitro::Activation, Gelu, Clip, Binary, Where, Cast, Reshape, Transpose,
              Expand, Slice, Concat, Split, Pad, Tile, DepthToSpace, SpaceToDepth, Trilu, Gather,
              GatherElements, GatherND, OneHot, ReverseSequence, BatchNormalization, QuantizeLinear,
              DequantizeLinear>;

/// Rows this long are worth a warp each.
constexpr int64_t kLongRow = 24;
/// With fewer results than this, a thread for each leaves most of a device idle.
constexpr int64_t kFewResults = 4096;

std::optional<Rows> rows_of_node(const Graph& graph, const Node& node) {
  return std::visit(
      [&]<class OpT>(const OpT& op) -> std::optional<Rows> {
        if constexpr (requires { rows_of(op, graph, node); }) return rows_of(op, graph, node);
        return std::nullopt;
      },
      static_cast<const AnyOp&>(node.op));
}

int64_t summed_by(const Graph& graph, const Node& node) {
  return std::visit(
      [&]<class OpT>(const OpT& op) -> int64_t {
        if constexpr (requires { summed(op, graph, node); }) return summed(op, graph, node);
        return 1;
      },
      static_cast<const AnyOp&>(node.op));
}

/// How the elements of the results are handed to threads.
struct Division {
  std::optional<Rows> rows;    // a warp or thread for each of them; else for each element
  const Node* node = nullptr;  // that computes rows
  int64_t count = 0;           // of rows or elements
  int64_t lanes = 1;
};

Division division_of(const Graph& graph, const Fusion& fusion) {
  const int64_t elements = graph.type(fusion.results[0]).elements();
  Division division{std::nullopt, nullptr, elements, 1};
  for (NodeId id : fusion.nodes) {
    const Node& node = graph.node(id);
    const auto rows = rows_of_node(graph, node);
    if (!rows) {
      if (summed_by(graph, node) >= kLongRow) division.lanes = 32;
      continue;
    }
    const bool wide = rows->length >= kLongRow;
    if (graph.type(node.outputs[0]).elements() != elements || rows->length < 2) {
      division.lanes = wide ? 32 : 1;  // of statistics alone
      continue;
    }
    division.rows = rows;
    division.node = &node;
    division.count = elements / rows->length;
    division.lanes = wide && (rows->inner == 1 || division.count < kFewResults) ? 32 : 1;
    break;
  }
  return division;
}

/// Whether an index into a value of the fusion can pass 31 bits.
bool needs_wide_indices(const Graph& graph, const Fusion& fusion) {
  const auto is_large = [&](ValueId value) {
    return value != kNoValue && graph.type(value).elements() >= (int64_t{1} << 30);
  };
  return std::ranges::any_of(fusion.nodes, [&](NodeId id) {
    return std::ranges::any_of(graph.node(id).inputs, is_large) ||
           std::ranges::any_of(graph.node(id).outputs, is_large);
  });
}

void store_all(const Fusion& fusion, const Index& index, Values& values, bool by_one_lane) {
  Writer& w = values.writer();
  std::vector<std::string> elements;
  for (ValueId result : fusion.results) elements.push_back(values.at(result, index));
  if (by_one_lane) w.open("if (lane == 0)");
  for (size_t k = 0; k < elements.size(); ++k) {
    w.line(fmt::format("store(@{}, {}, {});", k, index.text(), elements[k]));
  }
  if (by_one_lane) w.close();
}

void write_rows(const Fusion& fusion, const Division& division, Values& values) {
  Writer& w = values.writer();
  const Index row = Index::variable("i", division.count);
  const Index first = element_of(w, *division.rows, row, {});
  element_code(Site{values, *division.node, 0, first, true});
  const auto for_each_element = [&](const std::function<void(const Index&)>& body) {
    const Index c = w.lane_loop(division.rows->length);
    body(element_of(w, *division.rows, row, c));
    w.close();
  };
  if (!w.keeps(division.rows->length, static_cast<int64_t>(fusion.results.size()))) {
    for_each_element([&](const Index& at) { store_all(fusion, at, values, false); });
    return;
  }
  // All is read before anything is stored: the compiler cannot know that they are not the same
  // memory, and would wait for each element.
  const auto kept = [&](size_t k, const Index& at) {
    const ValueId result = fusion.results[k];
    return w.kept(
        fmt::format("result {}", k), [&] { return values.at(result, at); },
        number_type(values.graph().type(result).dtype));
  };
  for_each_element([&](const Index& at) {
    for (size_t k = 0; k < fusion.results.size(); ++k) kept(k, at);
  });
  for_each_element([&](const Index& at) {
    for (size_t k = 0; k < fusion.results.size(); ++k) {
      w.line(fmt::format("store(@{}, {}, {});", k, at.text(), kept(k, at)));
    }
  });
}

/// `@k` in the text is the pointer of result k, which comes after those of all reads.
std::string with_results_named(const std::string& text, size_t reads) {
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '@') {
      result += text[at];
      continue;
    }
    size_t digits = 0;
    const size_t k = std::stoul(text.substr(at + 1), &digits);
    result += fmt::format("p{}", reads + k);
    at += digits;
  }
  return result;
}

}  // namespace

std::string element_code(const Site& site) {
  return std::visit(
      [&]<class OpT>(const OpT& op) -> std::string {
        if constexpr (HasCode<OpT>) return code(op, site);
        return "0";  // make_loop() refuses it before
      },
      static_cast<const AnyOp&>(site.node.op));
}

bool fusable(const Graph&, const Node& node) {
  return std::visit([]<class OpT>(const OpT&) { return is_light<OpT>; },
                    static_cast<const AnyOp&>(node.op));
}

bool has_element_code(const Graph& graph, const Node& node) {
  if (const auto* resize = std::get_if<Resize>(&node.op)) {
    const Shape& shape = graph.type(node.inputs[0]).shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] * resize->sizes[axis] > kMaxResizeWork) return false;
    }
  }
  return std::visit([]<class OpT>(const OpT&) { return HasCode<OpT>; },
                    static_cast<const AnyOp&>(node.op));
}

Result<Loop> make_loop(const Graph& graph, const Fusion& fusion,
                       const std::function<BufferId(ValueId)>& buffer_of,
                       const std::vector<BufferId>& result_buffers,
                       const std::vector<Buffer>& buffers) {
  std::set<std::string> missing;
  for (NodeId id : fusion.nodes) {
    if (!has_element_code(graph, graph.node(id))) missing.insert(display_name(graph.node(id).op));
  }
  if (!missing.empty()) {
    return fail(ErrorCode::kUnsupportedOp, "there is no code for {}", fmt::join(missing, ", "));
  }
  const Division division = division_of(graph, fusion);
  Writer writer(needs_wide_indices(graph, fusion), division.lanes);
  Values values(graph, fusion, buffer_of, buffers, writer);
  Loop loop;
  loop.elements = division.count;
  loop.lanes = division.lanes;
  loop.writes = result_buffers;
  if (division.count == 0) return loop;
  if (division.rows) {
    write_rows(fusion, division, values);
  } else {
    store_all(fusion, Index::variable("i", division.count), values, division.lanes > 1);
  }
  loop.work = row_work(graph, fusion, buffer_of);
  loop.reads = values.reads();
  loop.functions = values.functions();
  loop.body = with_results_named(writer.text(), loop.reads.size());
  return loop;
}

}  // namespace nitro::plan
