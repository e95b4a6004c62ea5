#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ir/tensor.h"

namespace nitro::zoo {

/// What a parameter is for; decides the range of random values.
enum class ParameterKind : uint8_t {
  kWeight,     // of a product; the first dimension counts outputs
  kBias,       // of a product or a normalisation
  kScale,      // of a normalisation
  kScoreBias,  // relative positions, added to attention scores
  kEmbedding,  // tokens and positions
};

/// Gives a model its parameters, each asked for once.
class WeightSource {
 public:
  virtual ~WeightSource() = default;
  /// The f32 values of the parameter `name`.
  virtual Result<Tensor> parameter(const std::string& name, Shape shape, ParameterKind kind) = 0;
  /// To be called after the last parameter: reports what did not fit the model.
  virtual Result<void> finish() = 0;
};

/// Random values that depend on nothing but the parameter's name, its shape and kind: the same on
/// every machine, in any order. No parameter is constant, and activations keep a magnitude near 1.
std::unique_ptr<WeightSource> random_weights();

/// The tensors of a safetensors file. finish() fails with kBadModel naming missing, misshaped and
/// unexpected tensors; tensors of EdgeVL's training that no inference uses are no error.
Result<std::unique_ptr<WeightSource>> file_weights(const std::filesystem::path& path);

/// The same of the content of such a file, which must outlive the result; errors call it `name`.
Result<std::unique_ptr<WeightSource>> stored_weights(std::string_view content,
                                                     std::string_view name);

/// The content of src/zoo/weights/`model`.safetensors, which is part of the program, if there is
/// such a file.
std::optional<std::string_view> shipped_weights(std::string_view model);

}  // namespace nitro::zoo
