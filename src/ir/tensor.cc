#include "ir/tensor.h"

#include <cassert>

namespace nitro {

Tensor::Tensor(TensorType type) : type_(std::move(type)) {
  // Never empty, so that the bytes of a tensor without elements still have an address.
  const auto size = static_cast<size_t>(type_.bytes()) + 1;
  std::shared_ptr<std::byte[]> storage(new std::byte[size]());
  data_ = storage.get();
  owner_ = std::move(storage);
}

Result<Tensor> Tensor::adopt(TensorType type, std::string bytes) {
  if (static_cast<int64_t>(bytes.size()) != type.bytes()) {
    return fail(ErrorCode::kBadModel, "{} needs {} bytes, the file gives {}", text(type),
                type.bytes(), bytes.size());
  }
  // A short std::string keeps its bytes inside itself, so the owner must be settled before data_.
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  return view(std::move(type), owner, reinterpret_cast<const std::byte*>(owner->data()));
}

Tensor Tensor::view(TensorType type, std::shared_ptr<const void> owner, const std::byte* bytes) {
  Tensor tensor;
  // Typed access needs alignment; model files do not promise it.
  if (reinterpret_cast<uintptr_t>(bytes) % static_cast<uintptr_t>(size_of(type.dtype)) != 0) {
    tensor = Tensor(std::move(type));
    std::memcpy(tensor.mutable_bytes().data(), bytes, tensor.bytes().size());
    return tensor;
  }
  tensor.type_ = std::move(type);
  tensor.owner_ = std::move(owner);
  tensor.data_ = bytes;
  return tensor;
}

Tensor Tensor::reshaped(Shape shape) const {
  assert(element_count(shape) == elements());
  Tensor result = *this;
  result.type_.shape = std::move(shape);
  return result;
}

bool Tensor::operator==(const Tensor& other) const {
  if (type_ != other.type_) return false;
  return data_ == other.data_ || std::memcmp(data_, other.data_, bytes().size()) == 0;
}

}  // namespace nitro
