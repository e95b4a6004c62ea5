#include <map>

#include "base/parallel.h"
#include "ir/einsum_terms.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// Axes of the loop nest: those of the result, then the summed ones. strides[operand][axis].
struct Nest {
  Shape result, summed;
  std::vector<std::vector<int64_t>> strides;
};

Nest nest_of(const EinsumTerms& terms, const Call& call) {
  std::map<char, int64_t> lengths;
  for (size_t i = 0; i < terms.operands.size(); ++i) {
    for (size_t axis = 0; axis < terms.operands[i].size(); ++axis) {
      int64_t& length = lengths.try_emplace(terms.operands[i][axis], 1).first->second;
      if (length == 1) length = call.in(i).shape()[axis];
    }
  }
  Nest nest;
  std::string order = terms.result;
  for (char axis : terms.result) nest.result.push_back(lengths[axis]);
  for (const auto& [axis, length] : lengths) {
    if (terms.result.contains(axis)) continue;
    order += axis;
    nest.summed.push_back(length);
  }
  for (size_t i = 0; i < terms.operands.size(); ++i) {
    std::vector<int64_t>& strides = nest.strides.emplace_back(order.size(), 0);
    const std::vector<int64_t> own = strides_of(call.in(i).shape());
    for (size_t axis = 0; axis < own.size(); ++axis) {
      // An axis named twice walks along the diagonal.
      if (call.in(i).shape()[axis] != 1) strides[order.find(terms.operands[i][axis])] += own[axis];
    }
  }
  return nest;
}

/// Position of point `index` of a loop nest over `shape` in an operand.
int64_t offset_of(int64_t index, const Shape& shape, std::span<const int64_t> strides) {
  int64_t offset = 0;
  for (size_t axis = shape.size(); axis-- > 0; index /= shape[axis]) {
    offset += index % shape[axis] * strides[axis];
  }
  return offset;
}

template <class T>
void contract(const Nest& nest, Call& call) {
  std::vector<std::vector<T>> operands;
  for (size_t i = 0; i < call.inputs(); ++i) operands.push_back(call.in(i).as<T>());
  const int64_t points = element_count(nest.summed);
  std::vector<std::vector<int64_t>> inner(operands.size());
  for (size_t i = 0; i < operands.size(); ++i) {
    const auto strides = std::span(nest.strides[i]).subspan(nest.result.size());
    for (int64_t p = 0; p < points; ++p) inner[i].push_back(offset_of(p, nest.summed, strides));
  }
  std::vector<T> y(static_cast<size_t>(call.out().elements()));
  parallel_for(call.out().elements(), 1 + 100'000 / (points + 1), [&](int64_t begin, int64_t end) {
    std::vector<const T*> starts(operands.size());
    for (int64_t index = begin; index < end; ++index) {
      for (size_t i = 0; i < operands.size(); ++i) {
        starts[i] = operands[i].data() + offset_of(index, nest.result, nest.strides[i]);
      }
      T sum = 0;
      for (size_t p = 0; p < static_cast<size_t>(points); ++p) {
        T product = 1;
        for (size_t i = 0; i < operands.size(); ++i) product *= starts[i][inner[i][p]];
        sum += product;
      }
      y[static_cast<size_t>(index)] = sum;
    }
  });
  call.out().assign<T>(y);
}

}  // namespace

template <>
Result<void> evaluate(const Einsum& op, Call& call) {
  const Nest nest = nest_of(TRY(parse_einsum(op.equation)), call);
  if (is_float(call.out().dtype())) {
    contract<double>(nest, call);
  } else {
    contract<int64_t>(nest, call);
  }
  return {};
}

}  // namespace nitro::reference
