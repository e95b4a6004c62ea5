#include "onnx/encoded_model.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "onnx/convert_tensor.h"
#include "onnx/export_state.h"

namespace nitro::onnx {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr int64_t kLargestFile = (int64_t{1} << 31) - 1;

/// What stands before `bytes` bytes of field `number`.
std::string field_start(int number, uint64_t bytes) {
  uint8_t buffer[16];
  using Stream = google::protobuf::io::CodedOutputStream;
  uint8_t* end =
      WireFormatLite::WriteTagToArray(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, buffer);
  end = Stream::WriteVarint64ToArray(bytes, end);
  return {buffer, end};
}

/// An initializer of the graph up to its bytes.
std::string initializer_start(const std::string& name, const Tensor& tensor) {
  ::onnx::TensorProto proto;
  proto.set_name(name);
  proto.set_data_type(dtype_to_onnx(tensor.dtype()));
  for (int64_t dim : tensor.shape()) proto.add_dims(dim);
  const size_t bytes = tensor.bytes().size();
  const std::string inner =
      proto.SerializeAsString() + field_start(::onnx::TensorProto::kRawDataFieldNumber, bytes);
  return field_start(::onnx::GraphProto::kInitializerFieldNumber, inner.size() + bytes) + inner;
}

}  // namespace

// The parts are those of ModelProto::SerializeAsString(), which writes fields by number.
Result<EncodedModel> EncodedModel::of(ExportState state) {
  ::onnx::ModelProto& head = state.model;
  ::onnx::ModelProto tail;
  tail.mutable_opset_import()->Swap(head.mutable_opset_import());
  ::onnx::GraphProto graph_head;
  ::onnx::GraphProto graph_tail;
  graph_head.Swap(head.mutable_graph());
  head.clear_graph();
  graph_tail.mutable_input()->Swap(graph_head.mutable_input());
  graph_tail.mutable_output()->Swap(graph_head.mutable_output());
  graph_tail.mutable_value_info()->Swap(graph_head.mutable_value_info());

  EncodedModel encoded;
  encoded.messages_.push_back(graph_head.SerializeAsString());
  for (auto& [name, tensor] : state.initializers) {
    encoded.messages_.back() += initializer_start(name, tensor);
    encoded.tensors_.push_back(std::move(tensor));
    encoded.messages_.emplace_back();
  }
  encoded.messages_.back() += graph_tail.SerializeAsString();
  const auto graph_bytes = static_cast<uint64_t>(encoded.size());
  encoded.messages_.front().insert(
      0,
      head.SerializeAsString() + field_start(::onnx::ModelProto::kGraphFieldNumber, graph_bytes));
  encoded.messages_.back() += tail.SerializeAsString();
  if (encoded.size() > kLargestFile) {
    return fail(ErrorCode::kLimitExceeded, "the model has {} bytes, a single file holds 2 GiB",
                encoded.size());
  }
  return encoded;
}

std::vector<std::string_view> EncodedModel::pieces() const {
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < messages_.size(); ++i) {
    pieces.emplace_back(messages_[i]);
    if (i == tensors_.size()) break;
    const auto bytes = tensors_[i].bytes();
    pieces.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return pieces;
}

int64_t EncodedModel::size() const {
  int64_t size = 0;
  for (std::string_view piece : pieces()) size += static_cast<int64_t>(piece.size());
  return size;
}

std::string EncodedModel::joined() const {
  std::string content;
  for (std::string_view piece : pieces()) content += piece;
  return content;
}

}  // namespace nitro::onnx
