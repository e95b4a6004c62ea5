#include "onnx/standalone_model.h"

#include <fcntl.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx-ml.pb.h>

#include <cstring>
#include <unordered_set>

#include "base/text.h"
#include "onnx/convert_tensor.h"
#include "onnx/inline_functions.h"
#include "onnx/load_model.h"

namespace nitro::onnx {
namespace {

constexpr size_t kLargestFile = (size_t{1} << 31) - 1;

class TakeIn {
 public:
  TakeIn(const LoadedModel& model, const Limits& limits)
      : source_{model.folder(), model.owner(), notes_, limits} {}

  Result<void> graph(::onnx::GraphProto& graph) {
    for (auto& proto : *graph.mutable_initializer()) TRY(tensor(proto));
    for (auto& node : *graph.mutable_node()) {
      for (auto& attribute : *node.mutable_attribute()) {
        if (attribute.has_t()) TRY(tensor(*attribute.mutable_t()));
        for (auto& proto : *attribute.mutable_tensors()) TRY(tensor(proto));
        if (attribute.has_g()) TRY(this->graph(*attribute.mutable_g()));
        for (auto& inner : *attribute.mutable_graphs()) TRY(this->graph(inner));
      }
    }
    return {};
  }

 private:
  Result<void> tensor(::onnx::TensorProto& proto) {
    if (proto.data_location() != ::onnx::TensorProto::EXTERNAL) return {};
    const Tensor taken = TRY(view_tensor(proto, source_));
    bytes_ += taken.bytes().size();
    if (bytes_ > kLargestFile) {
      return fail(ErrorCode::kLimitExceeded, "the weights do not fit the 2 GiB of a single file");
    }
    proto.clear_data_location();
    proto.clear_external_data();
    proto.set_raw_data(taken.bytes().data(), taken.bytes().size());
    return {};
  }

  std::vector<std::string> notes_;
  TensorSource source_;
  size_t bytes_ = 0;
};

std::string domain_of(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

/// Takes in the opsets of the functions that were inlined, of which a file has one per domain.
Result<void> add_opsets(const InlinedFunctions& inlined, ::onnx::ModelProto& model) {
  Opsets opsets;
  for (const auto& entry : model.opset_import()) {
    opsets[domain_of(entry.domain())] = entry.version();
  }
  for (const auto& [node, of_function] : inlined.node_opsets) {
    const auto own = of_function->find(domain_of(node->domain()));
    if (own == of_function->end()) continue;
    const auto [known, is_new] = opsets.insert(*own);
    if (is_new) {
      auto& entry = *model.add_opset_import();
      entry.set_domain(own->first);
      entry.set_version(own->second);
    } else if (known->second != own->second) {
      return fail_with_hint(
          ErrorCode::kUnsupportedOp,
          fmt::format("node '{}' ({}) of a function has opset {}, other nodes have {}; a runner "
                      "gets one file without functions, which has one opset",
                      display(node->name()), display(node->op_type()), own->second, known->second),
          "convert the model's functions to the opset of the model");
    }
  }
  return {};
}

void add_outputs(::onnx::GraphProto& graph, std::span<const std::string> names) {
  std::unordered_set<std::string> present;
  for (const auto& output : graph.output()) present.insert(output.name());
  for (const std::string& name : names) {
    if (present.insert(name).second) graph.add_output()->set_name(name);
  }
}

Result<void> save(const ::onnx::ModelProto& model, const std::filesystem::path& target) {
  if (model.ByteSizeLong() > kLargestFile) {
    return fail(ErrorCode::kLimitExceeded, "the model does not fit the 2 GiB of a single file");
  }
  const FileDescriptor file(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  google::protobuf::io::FileOutputStream stream(file.get());
  if (file.valid() && model.SerializePartialToZeroCopyStream(&stream) && stream.Flush()) return {};
  return fail(ErrorCode::kInputOutput, "cannot write '{}': {}", display(target.native()),
              std::strerror(file.valid() ? stream.GetErrno() : errno));
}

}  // namespace

Result<void> write_standalone(const std::filesystem::path& source,
                              const std::filesystem::path& target,
                              std::span<const std::string> outputs, const Limits& limits) {
  LoadedModel loaded = TRY(load_model(source, limits));
  ::onnx::ModelProto& model = loaded.model();
  TRY(add_opsets(TRY(inline_functions(model, limits)), model));
  model.clear_functions();
  TRY(TakeIn(loaded, limits).graph(*model.mutable_graph()));
  add_outputs(*model.mutable_graph(), outputs);
  return save(model, target);
}

}  // namespace nitro::onnx
