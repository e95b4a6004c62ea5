#include "onnx/convert_tensor.h"

#include <onnx-ml.pb.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "onnx/external_data.h"

namespace nitro::onnx {
namespace {

using Proto = ::onnx::TensorProto;
static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::array<std::pair<DType, int>, kDTypeCount> kDTypes = {
    {{DType::kF32, Proto::FLOAT},
     {DType::kF16, Proto::FLOAT16},
     {DType::kBF16, Proto::BFLOAT16},
     {DType::kF64, Proto::DOUBLE},
     {DType::kI8, Proto::INT8},
     {DType::kU8, Proto::UINT8},
     {DType::kI32, Proto::INT32},
     {DType::kI64, Proto::INT64},
     {DType::kBool, Proto::BOOL}}};

template <class Field>
Result<void> check_count(const Field& field, int64_t elements) {
  if (field.size() == elements) return {};
  return fail(ErrorCode::kBadModel, "its dims ask for {} elements, {} are given", elements,
              field.size());
}

/// The bytes of a message as a tensor.
Tensor tensor_at(const void* bytes, TensorType type, const std::shared_ptr<const void>& owner) {
  if (owner && type.bytes() > 0)
    return Tensor::view(std::move(type), owner, static_cast<const std::byte*>(bytes));
  Tensor copy(std::move(type));
  if (!copy.bytes().empty()) std::memcpy(copy.mutable_bytes().data(), bytes, copy.bytes().size());
  return copy;
}

/// Elements kept in a typed repeated field; 16-bit floats are bit patterns in int32_data.
Result<Tensor> from_typed_fields(const Proto& proto, TensorType type,
                                 const std::shared_ptr<const void>& owner) {
  const int64_t elements = type.elements();
  Tensor tensor;
  const auto view = [&](const auto& field) -> Result<void> {
    TRY(check_count(field, elements));
    tensor = tensor_at(field.data(), type, owner);
    return {};
  };
  const auto copy = [&]<class T>(std::type_identity<T>, const auto& field) -> Result<void> {
    TRY(check_count(field, elements));  // before anything of that size is allocated
    tensor = Tensor(type);
    auto target = tensor.mutable_data<T>();
    for (int i = 0; i < field.size(); ++i)
      target[static_cast<size_t>(i)] = static_cast<T>(field[i]);
    return {};
  };
  switch (type.dtype) {
    case DType::kF32:
      TRY(view(proto.float_data()));
      break;
    case DType::kF64:
      TRY(view(proto.double_data()));
      break;
    case DType::kI64:
      TRY(view(proto.int64_data()));
      break;
    case DType::kI32:
      TRY(view(proto.int32_data()));
      break;
    case DType::kF16:
    case DType::kBF16:
      TRY(copy(std::type_identity<uint16_t>{}, proto.int32_data()));
      break;
    case DType::kI8:
      TRY(copy(std::type_identity<int8_t>{}, proto.int32_data()));
      break;
    case DType::kU8:
    case DType::kBool:
      TRY(copy(std::type_identity<uint8_t>{}, proto.int32_data()));
      break;
  }
  return tensor;
}

Result<ExternalReference> external_reference(const Proto& proto, std::vector<std::string>& notes) {
  ExternalReference reference;
  std::vector<std::string> seen;
  for (const auto& entry : proto.external_data()) {
    if (std::ranges::find(seen, entry.key()) != seen.end()) {
      return fail(ErrorCode::kBadExternalData, "external data repeats the key '{}'",
                  display(entry.key()));
    }
    seen.push_back(entry.key());
    if (entry.key() == "location") {
      reference.location = entry.value();
    } else if (entry.key() == "offset") {
      reference.offset = entry.value();
    } else if (entry.key() == "length") {
      reference.length = entry.value();
    } else if (entry.key() != "checksum") {
      notes.push_back(fmt::format("external data of '{}' has an unknown key '{}'",
                                  display(proto.name()), display(entry.key())));
    }
  }
  return reference;
}

/// `raw`: the raw bytes of `proto` where they may be taken, else nullptr.
Result<Tensor> convert(const Proto& proto, std::string* raw, const TensorSource& source) {
  TensorType type{TRY(dtype_from_onnx(proto.data_type())),
                  Shape(proto.dims().begin(), proto.dims().end())};
  TRY(check_shape(type.shape, type.dtype));
  if (proto.has_segment()) return fail(ErrorCode::kBadModel, "segmented tensors are not supported");
  if (proto.data_location() == Proto::EXTERNAL) {
    std::string note;
    const ExternalReference reference = TRY(external_reference(proto, source.notes));
    Tensor tensor =
        TRY(read_external_data(source.folder, reference, std::move(type), source.limits, note));
    if (!note.empty()) source.notes.push_back(std::move(note));
    return tensor;
  }
  if (!proto.has_raw_data()) return from_typed_fields(proto, std::move(type), source.owner);
  if (raw || static_cast<int64_t>(proto.raw_data().size()) != type.bytes()) {
    return Tensor::adopt(std::move(type), raw ? std::move(*raw) : proto.raw_data());
  }
  return tensor_at(proto.raw_data().data(), std::move(type), source.owner);
}

}  // namespace

Result<DType> dtype_from_onnx(int64_t data_type) {
  for (const auto& [dtype, number] : kDTypes) {
    if (number == data_type) return dtype;
  }
  const auto narrow = static_cast<int>(data_type);
  if (narrow != data_type || !Proto::DataType_IsValid(narrow) || narrow == Proto::UNDEFINED) {
    return fail(ErrorCode::kBadModel, "{} is not an ONNX data type", data_type);
  }
  return fail(ErrorCode::kUnsupportedDtype, "ONNX data type {} ({}) is not supported", data_type,
              Proto::DataType_Name(static_cast<Proto::DataType>(narrow)));
}

int dtype_to_onnx(DType dtype) { return kDTypes[std::to_underlying(dtype)].second; }

Result<Tensor> take_tensor(Proto& proto, const TensorSource& source) {
  std::string* raw = proto.has_raw_data() ? proto.mutable_raw_data() : nullptr;
  return in_context(convert(proto, raw, source), fmt::format("tensor '{}'", display(proto.name())));
}

Result<Tensor> view_tensor(const Proto& proto, const TensorSource& source) {
  return in_context(convert(proto, nullptr, source),
                    fmt::format("tensor '{}'", display(proto.name())));
}

}  // namespace nitro::onnx
