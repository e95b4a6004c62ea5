#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "ir/tensor.h"

namespace nitro::eval {

/// How the images of a modality go into a call of a model, and where their embeddings come out.
struct Port {
  size_t modality = 0;  // of the data set
  std::string input;
  TensorType type;  // its first dimension is the number of images
  image::Pixels pixels = image::Pixels::kNormalized;
  std::string output = {};
};

/// The calls of a model that embed one batch of scenes in every modality, each of some ports.
using ModelCalls = std::vector<std::vector<Port>>;

}  // namespace nitro::eval
