#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "ir/shape.h"

namespace onnx {
class ValueInfoProto;
}

namespace nitro::onnx {

/// The types that a model file declares for its tensors, with its named dimensions bound by the
/// inputs.
class DeclaredTypes {
 public:
  /// Of a model input; `given` is what the user says of its shape, or nullptr, and `batch` what a
  /// free first dimension is without that. Binds the dimensions that have names. Fails with
  /// kUnknownShape on a free one, kUsage where `given` does not fit.
  Result<TensorType> input(const ::onnx::ValueInfoProto& info, const Shape* given,
                           std::optional<int64_t> batch = {});

  /// Takes in what is declared completely, now that the dimensions are bound.
  template <class List>
  void add(const List& infos) {
    for (const auto& info : infos) add_one(info);
  }
  void set(const std::string& name, TensorType type) { types_[name] = std::move(type); }
  /// nullptr where nothing is known.
  const TensorType* find(const std::string& name) const;

 private:
  void add_one(const ::onnx::ValueInfoProto& info);
  void bind(const std::string& param, int64_t dim);

  std::map<std::string, int64_t> bound_dims_;
  std::unordered_set<std::string> ambiguous_params_;
  std::unordered_map<std::string, TensorType> types_;
};

}  // namespace nitro::onnx
