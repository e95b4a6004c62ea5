#include "onnx/export_chain.h"

namespace nitro::onnx {

std::string ExportChain::add(std::string_view op_type, std::vector<std::string> inputs) {
  const std::string name = node_.fresh_name();
  node_.add(op_type, std::move(inputs), {name});
  return name;
}

std::string ExportChain::transpose(const std::string& x, const std::vector<int64_t>& perm) {
  const std::string name = node_.fresh_name();
  node_.add("Transpose", {x}, {name}).integers("perm", perm);
  return name;
}

std::string ExportChain::softmax(const std::string& x, int64_t axis) {
  const std::string name = node_.fresh_name();
  node_.add("Softmax", {x}, {name}).integer("axis", axis);
  return name;
}

std::string ExportChain::reshape(const std::string& x, const Shape& shape) {
  return add("Reshape", {x, node_.constant(Tensor::vector(shape))});
}

std::string ExportChain::expand(const std::string& x, const Shape& shape) {
  return add("Expand", {x, node_.constant(Tensor::vector(shape))});
}

std::string ExportChain::scalar(double value) {
  return node_.constant(Tensor::scalar(dtype_, value));
}

}  // namespace nitro::onnx
