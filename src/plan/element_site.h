#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "plan/element.h"
#include "plan/element_writer.h"

namespace nitro::plan {

/// What device code computes values of a type with: "float", "int" or "long long".
std::string_view number_type(DType dtype);
/// How a buffer of a type is declared: "f16", "unsigned char", …
std::string_view storage_type(DType dtype);
std::string float_literal(double value);
std::string integer_literal(int64_t value);
/// An expression of an integer, cut to the bits of the type as a cast does.
std::string wrapped(DType dtype, std::string_view expression);
/// Variable `x`, a float, as an integer of the type: NaN is 0, what is out of range the nearest
/// bound.
std::string saturated(DType dtype, std::string_view x);

/// The values inside and around a fusion as expressions.
class Values {
 public:
  Values(const Graph& graph, const Fusion& fusion,
         const std::function<BufferId(ValueId)>& buffer_of, const std::vector<Buffer>& buffers,
         Writer& writer);

  /// Element `index` of a value, as a name or a literal of its number_type().
  std::string at(ValueId value, const Index& index);
  /// Adds a device function that the code calls.
  void use_function(std::string text) { functions_.insert(std::move(text)); }

  const Graph& graph() const { return graph_; }
  Writer& writer() { return writer_; }
  const std::vector<BufferId>& reads() const { return reads_; }
  std::string functions() const;

 private:
  std::string load(ValueId value, const Index& index);
  std::string computed(ValueId value, const Index& index);

  const Graph& graph_;
  std::set<NodeId> nodes_;
  const std::function<BufferId(ValueId)>& buffer_of_;
  const std::vector<Buffer>& buffers_;
  Writer& writer_;
  std::vector<BufferId> reads_;
  std::set<std::string> functions_;
};

/// One element of one output of a node, to be written.
struct Site {
  Values& values;
  const Node& node;
  size_t output;
  const Index& index;
  /// Write only what the elements of a row share, for the code of others to find.
  bool shared_only = false;

  Writer& w() const { return values.writer(); }
  bool has(size_t i) const { return i < node.inputs.size() && node.inputs[i] != kNoValue; }
  const TensorType& in(size_t i) const { return values.graph().type(node.inputs[i]); }
  const TensorType& out() const { return values.graph().type(node.outputs[output]); }
  /// Element `x` of operand i.
  std::string at(size_t i, const Index& x) const { return values.at(node.inputs[i], x); }
  /// The same, for a float that will be asked for again in another loop over the row.
  std::string kept(size_t i, const Index& x) const;
  /// The same as a float.
  std::string real(size_t i, const Index& x) const;
  /// The same as a "long long".
  std::string whole(size_t i, const Index& x) const;
  /// The element of operand i that a result of broadcasting shows here.
  Index aligned(size_t i) const { return w().broadcast(index, in(i).shape, out().shape); }
  /// A constant of the result's number_type(), from a float or, of integers, a "long long".
  std::string from_real(const std::string& expression) const;
  std::string from_whole(const std::string& expression) const;
};

}  // namespace nitro::plan
