#include "onnx/convert_tensor.h"

#include <onnx-ml.pb.h>

#include <array>
#include <bit>

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

/// Elements kept in a typed repeated field; 16-bit floats are bit patterns in int32_data.
Result<Tensor> from_typed_fields(const Proto& proto, TensorType type) {
  const int64_t elements = type.elements();
  Tensor tensor;
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
      TRY(copy(std::type_identity<float>{}, proto.float_data()));
      break;
    case DType::kF64:
      TRY(copy(std::type_identity<double>{}, proto.double_data()));
      break;
    case DType::kI64:
      TRY(copy(std::type_identity<int64_t>{}, proto.int64_data()));
      break;
    case DType::kI32:
      TRY(copy(std::type_identity<int32_t>{}, proto.int32_data()));
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

Result<Tensor> take(Proto& proto, const FileDescriptor& folder, std::vector<std::string>& notes) {
  TensorType type{TRY(dtype_from_onnx(proto.data_type())),
                  Shape(proto.dims().begin(), proto.dims().end())};
  TRY(check_shape(type.shape, type.dtype));
  if (proto.has_segment()) return fail(ErrorCode::kBadModel, "segmented tensors are not supported");
  if (proto.data_location() == Proto::EXTERNAL) {
    std::string note;
    const ExternalReference reference = TRY(external_reference(proto, notes));
    Tensor tensor = TRY(read_external_data(folder, reference, std::move(type), note));
    if (!note.empty()) notes.push_back(std::move(note));
    return tensor;
  }
  if (proto.has_raw_data())
    return Tensor::adopt(std::move(type), std::move(*proto.mutable_raw_data()));
  return from_typed_fields(proto, std::move(type));
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

Result<Tensor> take_tensor(Proto& proto, const FileDescriptor& folder,
                           std::vector<std::string>& notes) {
  return in_context(take(proto, folder, notes), fmt::format("tensor '{}'", display(proto.name())));
}

}  // namespace nitro::onnx
