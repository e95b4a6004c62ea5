#include "onnx/import_data_dependent.h"
#include "onnx/importers.h"
#include "onnx/require_operand.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

Values gather(ImportNode& node) {
  return node.emit_all(Gather{TRY(node.axis("axis", 0, node.rank(0)))},
                       {node.input(0), node.input(1)});
}

Values gather_elements(ImportNode& node) {
  return node.emit_all(GatherElements{TRY(node.axis("axis", 0, node.rank(0)))},
                       {node.input(0), node.input(1)});
}

Values gather_nd(ImportNode& node) {
  return node.emit_all(GatherND{TRY(node.integer("batch_dims", 0))},
                       {node.input(0), node.input(1)});
}

Result<ScatterReduction> scatter_reduction(ImportNode& node) {
  const std::string reduction = TRY(node.string("reduction", "none"));
  for (size_t i = 0; i < kScatterReductionNames.size(); ++i) {
    if (kScatterReductionNames[i] == reduction) return static_cast<ScatterReduction>(i);
  }
  return fail(ErrorCode::kBadModel, "the reduction '{}' is not known", display(reduction));
}

Values scatter_elements(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", 0, node.rank(0)));
  return node.emit_all(ScatterElements{axis, TRY(scatter_reduction(node))},
                       {node.input(0), node.input(1), node.input(2)});
}

Values scatter_nd(ImportNode& node) {
  return node.emit_all(ScatterND{TRY(scatter_reduction(node))},
                       {node.input(0), node.input(1), node.input(2)});
}

Values one_hot(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", -1, node.rank(0) + 1));
  const auto depth = Tensor::convert<int64_t>(TRY(node.require_number(1)));
  return node.emit_all(OneHot{axis, depth}, {node.input(0), node.input(2)});
}

Values top_k(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", -1, node.rank(0)));
  const int64_t k = node.opset() < 10 ? TRY(node.integer("k", -1)) : TRY(node.require_integer(1));
  const bool largest = TRY(node.integer("largest", 1)) != 0;
  return node.emit_all(TopK{axis, k, largest}, {node.input(0)});
}

template <bool largest>
Values arg_reduce(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", 0, node.rank(0)));
  const bool keep_dims = TRY(node.integer("keepdims", 1)) != 0;
  const bool last = TRY(node.integer("select_last_index", 0)) != 0;
  return node.emit_all(ArgReduce{largest, axis, keep_dims, last}, {node.input(0)});
}

Values cum_sum(ImportNode& node) {
  const int64_t axis = TRY(normalize_axis(TRY(node.require_integer(1)), node.rank(0)));
  const bool exclusive = TRY(node.integer("exclusive", 0)) != 0;
  const bool reverse = TRY(node.integer("reverse", 0)) != 0;
  return node.emit_all(CumSum{axis, exclusive, reverse}, {node.input(0)});
}

Values reverse_sequence(ImportNode& node) {
  const int64_t batch_axis = TRY(node.integer("batch_axis", 1));
  const int64_t time_axis = TRY(node.integer("time_axis", 0));
  return node.emit_all(ReverseSequence{batch_axis, time_axis}, {node.input(0), node.input(1)});
}

constexpr ImporterRow kRows[] = {
    {"", "ArgMax", arg_reduce<true>},
    {"", "ArgMin", arg_reduce<false>},
    {"", "Compress", import_compress},
    {"", "CumSum", cum_sum},
    {"", "Gather", gather},
    {"", "GatherElements", gather_elements},
    {"", "GatherND", gather_nd},
    {"", "NonZero", import_non_zero},
    {"", "OneHot", one_hot},
    {"", "ReverseSequence", reverse_sequence},
    {"", "Scatter", scatter_elements},
    {"", "ScatterElements", scatter_elements},
    {"", "ScatterND", scatter_nd},
    {"", "TopK", top_k},
    {"", "Unique", import_unique},
};

}  // namespace

std::span<const ImporterRow> indexing_importers() { return kRows; }

}  // namespace nitro::onnx
