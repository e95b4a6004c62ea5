#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/element_code.h"
#include "plan/element_site.h"

namespace nitro::plan {
namespace {

/// Whether all elements have the same bytes.
bool is_splat(const Tensor& tensor) {
  const auto bytes = tensor.bytes();
  const auto size = static_cast<size_t>(size_of(tensor.dtype()));
  return !bytes.empty() && std::memcmp(bytes.data(), bytes.data() + size, bytes.size() - size) == 0;
}

std::string literal(const Tensor& tensor) {
  std::string text;
  dispatch(tensor.dtype(), [&]<class T>(std::type_identity<T>) {
    const T first = tensor.data<T>()[0];
    text = is_float(tensor.dtype()) ? float_literal(Tensor::convert<double>(first))
                                    : integer_literal(Tensor::convert<int64_t>(first));
  });
  return text;
}

}  // namespace

std::string_view number_type(DType dtype) {
  if (is_float(dtype)) return "float";
  return dtype == DType::kI64 ? "long long" : "int";
}

std::string_view storage_type(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "float";
    case DType::kF16:
      return "f16";
    case DType::kBF16:
      return "bf16";
    case DType::kF64:
      return "double";
    case DType::kI8:
      return "signed char";
    case DType::kI32:
      return "int";
    case DType::kI64:
      return "long long";
    case DType::kU8:
    case DType::kBool:
      break;
  }
  return "unsigned char";
}

std::string float_literal(double value) {
  const auto narrow = static_cast<float>(value);
  if (std::isnan(narrow)) return "__int_as_float(0x7fc00000)";
  if (std::isinf(narrow))
    return narrow > 0 ? "__int_as_float(0x7f800000)" : "(-__int_as_float(0x7f800000))";
  std::string text = fmt::format("{:.9g}", narrow);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  text += "f";
  return std::signbit(narrow) ? "(" + text + ")" : text;
}

std::string integer_literal(int64_t value) {
  if (value == std::numeric_limits<int64_t>::min()) return "(-9223372036854775807ll - 1)";
  const bool wide =
      value != static_cast<int32_t>(value) || value == std::numeric_limits<int32_t>::min();
  const std::string text = fmt::format("{}{}", value, wide ? "ll" : "");
  return value < 0 ? "(" + text + ")" : text;
}

std::string wrapped(DType dtype, std::string_view expression) {
  if (dtype == DType::kI64) return std::string(expression);
  if (dtype == DType::kI32) return fmt::format("(int)({})", expression);
  return fmt::format("(int)({})({})", storage_type(dtype), expression);
}

std::string saturated(DType dtype, std::string_view x) {
  double low = -9223372036854775808.0;
  double high = 9223372036854775808.0;
  std::string least = "(-9223372036854775807ll - 1)";
  std::string most = "9223372036854775807ll";
  if (dtype == DType::kI32) {
    low = -2147483648.0;
    high = 2147483648.0;
    least = "(-2147483647 - 1)";
    most = "2147483647";
  } else if (dtype != DType::kI64) {
    low = dtype == DType::kI8 ? -128 : 0;
    high = dtype == DType::kI8 ? 127 : 255;
    least = integer_literal(static_cast<int64_t>(low));
    most = integer_literal(static_cast<int64_t>(high));
  }
  return fmt::format("{0} != {0} ? 0 : {0} <= {1} ? {2} : {0} >= {3} ? {4} : ({5}){0}", x,
                     float_literal(low), least, float_literal(high), most, number_type(dtype));
}

Values::Values(const Graph& graph, const Fusion& fusion,
               const std::function<BufferId(ValueId)>& buffer_of,
               const std::vector<Buffer>& buffers, Writer& writer)
    : graph_(graph),
      nodes_(fusion.nodes.begin(), fusion.nodes.end()),
      buffer_of_(buffer_of),
      buffers_(buffers),
      writer_(writer) {}

std::string Values::at(ValueId value, const Index& index) {
  const Value& known = graph_.value(value);
  if (known.producer == kNoNode || !nodes_.contains(known.producer)) return load(value, index);
  std::string key = fmt::format("v{}[{}]", value, index.text());
  if (std::string name = writer_.remembered(key); !name.empty()) return name;
  std::string name = computed(value, index);
  writer_.remember(std::move(key), name);
  return name;
}

std::string Values::load(ValueId value, const Index& index) {
  const TensorType& type = graph_.type(value);
  const Tensor* constant = graph_.constant(value);
  if (constant && is_splat(*constant)) return literal(*constant);
  const BufferId buffer = buffer_of_(value);
  const auto found = std::ranges::find(reads_, buffer);
  const auto place = found - reads_.begin();
  if (found == reads_.end()) reads_.push_back(buffer);
  return writer_.let(number_type(type.dtype), fmt::format("load(p{}, {})", place, index.text()));
}

std::string Values::computed(ValueId value, const Index& index) {
  const Node& node = graph_.node(graph_.value(value).producer);
  const auto output =
      static_cast<size_t>(std::ranges::find(node.outputs, value) - node.outputs.begin());
  return element_code(Site{*this, node, output, index, false});
}

std::string Values::functions() const {
  std::string text;
  for (const std::string& function : functions_) text += function;
  return text;
}

std::string Site::kept(size_t i, const Index& x) const {
  return w().kept(fmt::format("v{}[{}]", node.inputs[i], x.text()), [&] { return at(i, x); });
}

std::string Site::real(size_t i, const Index& x) const {
  const std::string value = at(i, x);
  return is_float(in(i).dtype) ? value : fmt::format("(float){}", value);
}

std::string Site::whole(size_t i, const Index& x) const {
  const std::string value = at(i, x);
  if (!is_float(in(i).dtype)) return fmt::format("(long long){}", value);
  return w().let("long long", saturated(DType::kI64, value));
}

std::string Site::from_real(const std::string& expression) const {
  const DType dtype = out().dtype;
  if (is_float(dtype)) return w().let("float", expression);
  return w().let(number_type(dtype), saturated(dtype, w().let("float", expression)));
}

std::string Site::from_whole(const std::string& expression) const {
  const DType dtype = out().dtype;
  return w().let(number_type(dtype), wrapped(dtype, expression));
}

}  // namespace nitro::plan
