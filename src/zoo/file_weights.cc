#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/text.h"
#include "zoo/safetensors.h"
#include "zoo/weights.h"

namespace nitro::zoo {
namespace {

/// Ends of the names of what checkpoints hold besides parameters: EdgeVL's unused scalars and
/// classifier, buffers that follow from the architecture, ranges of quantisers, and sizes, which
/// CLIP's name.
constexpr auto kUnused = std::to_array<std::string_view>(
    {"weight_rgb", "weight_depth", "cross_weight", "ctrs_weight", "relative_position_index",
     "relative_coords_table", "attn_mask", "._amax", "num_batches_tracked", "input_resolution",
     "context_length", "vocab_size", "cls_head.weight", "cls_head.bias"});

bool is_unused(std::string_view name) {
  return std::ranges::any_of(kUnused, [&](std::string_view end) { return name.ends_with(end); });
}

/// Without trailing ones: EdgeVL's quantised convolution keeps its bias as [768,1,1].
Shape significant(Shape shape) {
  while (!shape.empty() && shape.back() == 1) shape.pop_back();
  return shape;
}

/// Appends "3 missing: a, b, …" where there are any.
void append_list(std::string& message, std::string_view what,
                 const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  if (names.empty()) return;
  message += fmt::format("{}{} {}: ", message.empty() ? "" : "; ", names.size(), what);
  for (size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    message += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) message += ", …";
}

class FileWeights : public WeightSource {
 public:
  FileWeights(SafeTensors file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  /// A tensor that does not fit is noted for finish(), and zeros stand in for it.
  Result<Tensor> parameter(const std::string& name, Shape shape, ParameterKind) override {
    used_.insert(name);
    const auto found = file_.tensors().find(name);
    if (found == file_.tensors().end()) {
      missing_.push_back(name);
    } else if (significant(found->second.shape) != significant(shape)) {
      misshaped_.push_back(
          fmt::format("{} ({} instead of {})", name, text(found->second.shape), text(shape)));
    } else {
      return TRY(in_context(file_.read(name), path_)).reshaped(std::move(shape));
    }
    return Tensor({DType::kF32, std::move(shape)});
  }

  Result<void> finish() override {
    std::vector<std::string> unexpected;
    for (const auto& [name, tensor] : file_.tensors()) {
      if (!used_.contains(name) && !is_unused(name)) unexpected.push_back(display(name));
    }
    std::string problems;
    append_list(problems, "missing", missing_);
    append_list(problems, "of another shape", misshaped_);
    append_list(problems, "unexpected", unexpected);
    if (problems.empty()) return {};
    return fail_with_hint(
        ErrorCode::kBadModel,
        fmt::format("the tensors of '{}' are not the model's: {}", path_, problems),
        "'python -m nitro.edgevl convert' writes such a file from an EdgeVL checkpoint");
  }

 private:
  SafeTensors file_;
  std::string path_;
  std::set<std::string, std::less<>> used_;
  std::vector<std::string> missing_;
  std::vector<std::string> misshaped_;
};

}  // namespace

Result<std::unique_ptr<WeightSource>> file_weights(const std::filesystem::path& path) {
  SafeTensors file = TRY(SafeTensors::open(path));
  return std::make_unique<FileWeights>(std::move(file), display(path.native()));
}

Result<std::unique_ptr<WeightSource>> stored_weights(std::string_view content,
                                                     std::string_view name) {
  SafeTensors file = TRY(SafeTensors::of_content(content, name));
  return std::make_unique<FileWeights>(std::move(file), display(name));
}

}  // namespace nitro::zoo
