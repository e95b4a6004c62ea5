#include "onnx/declared_types.h"

#include <onnx-ml.pb.h>

#include "base/text.h"
#include "onnx/convert_tensor.h"

namespace nitro::onnx {
namespace {

/// Some exporters write -1 for a free dimension.
bool is_fixed(const ::onnx::TensorShapeProto::Dimension& dim) {
  return dim.has_dim_value() && dim.dim_value() != -1;
}

std::unexpected<Error> free_dimension(const ::onnx::ValueInfoProto& input, int i) {
  std::string dims;
  for (const auto& dim : input.type().tensor_type().shape().dim()) {
    if (!dims.empty()) dims += 'x';
    dims += is_fixed(dim) ? std::to_string(dim.dim_value()) : "?";
  }
  return fail_with_hint(
      ErrorCode::kUnknownShape, fmt::format("dimension {} is free ({})", i, dims),
      fmt::format("give the shape: --shape '{}={}'", display(input.name()), dims));
}

}  // namespace

Result<TensorType> DeclaredTypes::input(const ::onnx::ValueInfoProto& info, const Shape* given,
                                        std::optional<int64_t> batch) {
  if (!info.type().has_tensor_type()) {
    return fail(ErrorCode::kUnsupportedDtype, "only tensors are supported as inputs");
  }
  const auto& proto = info.type().tensor_type();
  TensorType type{TRY(dtype_from_onnx(proto.elem_type())), {}};
  if (given) {
    type.shape = *given;
    if (proto.has_shape() && proto.shape().dim_size() != type.rank()) {
      return fail(ErrorCode::kUsage, "--shape gives rank {}, the model has rank {}", type.rank(),
                  proto.shape().dim_size());
    }
  }
  for (int i = 0; i < proto.shape().dim_size(); ++i) {
    const auto& dim = proto.shape().dim(i);
    if (!given) {
      const auto bound = bound_dims_.find(dim.dim_param());
      if (is_fixed(dim)) {
        type.shape.push_back(dim.dim_value());
      } else if (bound != bound_dims_.end()) {
        type.shape.push_back(bound->second);
      } else if (i == 0 && batch) {
        type.shape.push_back(*batch);
      } else {
        return free_dimension(info, i);
      }
    } else if (is_fixed(dim) && dim.dim_value() != type.shape[static_cast<size_t>(i)]) {
      return fail(ErrorCode::kUsage, "--shape gives {}, the model fixes dimension {} to {}",
                  text(type.shape), i, dim.dim_value());
    }
    bind(dim.dim_param(), type.shape[static_cast<size_t>(i)]);
  }
  if (!proto.has_shape() && !given) return free_dimension(info, 0);
  TRY(check_shape(type.shape, type.dtype));
  return type;
}

/// A name used for unequal dimensions ("?" of some exporters) says nothing.
void DeclaredTypes::bind(const std::string& param, int64_t dim) {
  if (param.empty() || ambiguous_params_.contains(param)) return;
  const auto [bound, first] = bound_dims_.emplace(param, dim);
  if (first || bound->second == dim) return;
  bound_dims_.erase(bound);
  ambiguous_params_.insert(param);
}

void DeclaredTypes::add_one(const ::onnx::ValueInfoProto& info) {
  if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) return;
  const auto dtype = dtype_from_onnx(info.type().tensor_type().elem_type());
  if (!dtype) return;
  TensorType type{*dtype, {}};
  for (const auto& dim : info.type().tensor_type().shape().dim()) {
    const auto bound = bound_dims_.find(dim.dim_param());
    if (!is_fixed(dim) && bound == bound_dims_.end()) return;
    type.shape.push_back(is_fixed(dim) ? dim.dim_value() : bound->second);
  }
  if (check_shape(type.shape, type.dtype)) set(info.name(), std::move(type));
}

const TensorType* DeclaredTypes::find(const std::string& name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

}  // namespace nitro::onnx
