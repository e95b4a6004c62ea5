#include "optimize/changed_answers.h"

#include <algorithm>

#include "base/base64.h"
#include "eval/load_image.h"

namespace nitro::optimize {
namespace {

constexpr int64_t kThumbnailSide = 96;

/// Newly wrong, newly right, otherwise wrong.
int order_of(const eval::Decisions& before, const eval::Decisions& after, size_t scene) {
  if (before.right(scene)) return 0;
  return after.right(scene) ? 1 : 2;
}

/// The scenes that a modality answers differently, the most telling first.
std::vector<size_t> changed_scenes(const eval::Decisions& before, const eval::Decisions& after) {
  std::vector<size_t> scenes;
  for (size_t scene = 0; scene < before.decided.size(); ++scene) {
    if (before.decided[scene] != after.decided[scene]) scenes.push_back(scene);
  }
  std::ranges::stable_sort(scenes, {},
                           [&](size_t scene) { return order_of(before, after, scene); });
  return scenes;
}

}  // namespace

std::vector<ChangedAnswer> changed_answers(const std::vector<eval::Metrics>& baseline,
                                           const std::vector<eval::Metrics>& optimized,
                                           size_t most) {
  std::vector<std::vector<size_t>> scenes;
  size_t longest = 0;
  for (size_t i = 0; i < baseline.size(); ++i) {
    scenes.emplace_back();
    if (!baseline[i].decisions || !optimized[i].decisions) continue;
    scenes.back() = changed_scenes(*baseline[i].decisions, *optimized[i].decisions);
    longest = std::max(longest, scenes.back().size());
  }
  std::vector<ChangedAnswer> answers;
  for (size_t place = 0; place < longest; ++place) {
    for (size_t modality = 0; modality < scenes.size(); ++modality) {
      if (place < scenes[modality].size() && answers.size() < most)
        answers.push_back({modality, scenes[modality][place]});
    }
  }
  return answers;
}

Json thumbnail_json(const std::filesystem::path& file) {
  const auto pixels = eval::load_pixels(file);
  if (!pixels || !*pixels) return {};
  const auto png = image::thumbnail_png(**pixels, kThumbnailSide);
  return png ? Json("data:image/png;base64," + base64(std::as_bytes(std::span(*png)))) : Json();
}

}  // namespace nitro::optimize
