#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/shape.h"

namespace nitro {

/// A dense row-major tensor. Copies share the bytes; write only to one that was just made.
class Tensor {
 public:
  Tensor() = default;
  /// Zero-filled.
  explicit Tensor(TensorType type);
  /// Takes over `bytes`; its size must be that of `type` (kBadModel otherwise).
  static Result<Tensor> adopt(TensorType type, std::string bytes);
  /// A view of `bytes` kept alive by `owner`.
  static Tensor view(TensorType type, std::shared_ptr<const void> owner, const std::byte* bytes);
  template <class T>
  static Tensor of(DType dtype, Shape shape, const std::vector<T>& values) {
    Tensor tensor({dtype, std::move(shape)});
    dispatch(dtype, [&]<class Storage>(std::type_identity<Storage>) {
      auto target = tensor.mutable_data<Storage>();
      for (size_t i = 0; i < target.size(); ++i) target[i] = convert<Storage>(values[i]);
    });
    return tensor;
  }
  static Tensor scalar(DType dtype, double value) { return of<double>(dtype, {}, {value}); }
  /// A 1-D i64 tensor.
  static Tensor vector(const std::vector<int64_t>& values) {
    return of(DType::kI64, {static_cast<int64_t>(values.size())}, values);
  }

  const TensorType& type() const { return type_; }
  DType dtype() const { return type_.dtype; }
  const Shape& shape() const { return type_.shape; }
  int64_t elements() const { return type_.elements(); }
  std::span<const std::byte> bytes() const { return {data_, static_cast<size_t>(type_.bytes())}; }
  std::span<std::byte> mutable_bytes() { return {const_cast<std::byte*>(data_), bytes().size()}; }
  template <class T>
  std::span<const T> data() const {
    return {reinterpret_cast<const T*>(data_), static_cast<size_t>(elements())};
  }
  template <class T>
  std::span<T> mutable_data() {
    return {reinterpret_cast<T*>(const_cast<std::byte*>(data_)), static_cast<size_t>(elements())};
  }

  /// All elements converted to T (double or int64_t).
  template <class T>
  std::vector<T> as() const {
    std::vector<T> values(static_cast<size_t>(elements()));
    dispatch(dtype(), [&]<class Storage>(std::type_identity<Storage>) {
      const auto source = data<Storage>();
      for (size_t i = 0; i < values.size(); ++i) values[i] = convert<T>(source[i]);
    });
    return values;
  }
  /// Stores `values` converted to the dtype: floats rounded, integers wrapped.
  template <class T>
  void assign(std::span<const T> values) {
    dispatch(dtype(), [&]<class Storage>(std::type_identity<Storage>) {
      auto target = mutable_data<Storage>();
      for (size_t i = 0; i < target.size(); ++i) target[i] = convert<Storage>(values[i]);
    });
  }

  /// Same bytes under another shape of as many elements.
  Tensor reshaped(Shape shape) const;
  /// Same type and same bytes.
  bool operator==(const Tensor& other) const;

  template <class To, class From>
  static To convert(From value) {
    if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>) {
      return convert<To>(static_cast<double>(value));
    } else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, BFloat16>) {
      return To(static_cast<double>(value));
    } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
      return saturate<To>(value);
    } else {
      return static_cast<To>(value);
    }
  }

 private:
  /// Float to integer as x86 hardware and NumPy do for values in range; the nearest bound outside
  /// it.
  template <class To, class From>
  static To saturate(From value) {
    if (value != value) return 0;
    if (value <= static_cast<From>(std::numeric_limits<To>::min()))
      return std::numeric_limits<To>::min();
    if (value >= static_cast<From>(std::numeric_limits<To>::max()))
      return std::numeric_limits<To>::max();
    return static_cast<To>(value);
  }

  TensorType type_;
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
};

}  // namespace nitro
