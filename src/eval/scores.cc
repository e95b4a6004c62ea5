#include "eval/scores.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace nitro::eval {
namespace {

constexpr int64_t kImagesAThread = 64;

/// Cosines are multiples of its inverse, so that those equal up to rounding are ties everywhere.
constexpr double kCosineSteps = 0x1p40;

}  // namespace

Scores cosine_scores(const Embeddings& images, const TextEmbeddings& text) {
  Scores scores{text.classes.size()};
  scores.values.resize(images.rows() * scores.classes);
  for (size_t i = 0; i < images.rows(); ++i)
    scores.usable.push_back(inverse_length(images.row(i)) > 0);
  parallel_for(static_cast<int64_t>(images.rows()), kImagesAThread,
               [&](int64_t begin, int64_t end) {
                 for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
                   for (size_t k = 0; k < scores.classes; ++k)
                     scores.values[i * scores.classes + k] =
                         std::nearbyint(cosine(images.row(i), text.rows.row(k)) * kCosineSteps) /
                         kCosineSteps;
                 }
               });
  return scores;
}

Scores direct_scores(const Embeddings& outputs) {
  Scores scores{outputs.dim};
  scores.values.assign(outputs.values.begin(), outputs.values.end());
  for (size_t i = 0; i < outputs.rows(); ++i) {
    scores.usable.push_back(
        std::ranges::all_of(outputs.row(i), [](float x) { return std::isfinite(x); }));
  }
  return scores;
}

int64_t Decisions::within(int64_t k) const {
  return std::ranges::count_if(rank,
                               [k](int64_t place) { return place != kNoDecision && place < k; });
}

Decisions decide(const Scores& scores, const std::vector<size_t>& labels) {
  Decisions decisions;
  for (size_t i = 0; i < scores.images(); ++i) {
    if (!scores.usable[i]) {
      decisions.decided.push_back(kNoDecision);
      decisions.rank.push_back(kNoDecision);
      continue;
    }
    const auto row = scores.row(i);
    const size_t label = labels[i];
    int64_t before = 0;
    for (size_t k = 0; k < row.size(); ++k)
      before += row[k] > row[label] || (row[k] == row[label] && k < label) ? 1 : 0;
    decisions.decided.push_back(std::ranges::max_element(row) - row.begin());
    decisions.rank.push_back(before);
  }
  return decisions;
}

Retrieval retrieve_text(const Decisions& decisions) {
  Retrieval result{decisions.rank.size()};
  for (size_t k = 0; k < Retrieval::kAmong.size() && result.queries > 0; ++k) {
    const int64_t found = decisions.within(static_cast<int64_t>(Retrieval::kAmong[k]));
    result.found[k] = static_cast<double>(found) / static_cast<double>(result.queries);
    result.recall[k] = result.found[k];  // one prompt is relevant
  }
  return result;
}

Retrieval retrieve_images(const Scores& scores, const std::vector<size_t>& labels) {
  Retrieval result;
  std::vector<size_t> usable;
  for (size_t i = 0; i < scores.images(); ++i) {
    if (scores.usable[i]) usable.push_back(i);
  }
  std::vector<size_t> order;
  for (size_t label = 0; label < scores.classes; ++label) {
    const auto relevant = std::ranges::count(labels, label);
    if (relevant == 0) continue;
    ++result.queries;
    order = usable;
    const size_t most = std::min(order.size(), Retrieval::kAmong.back());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(most),
                              [&](size_t a, size_t b) {
                                const double x = scores.row(a)[label];
                                const double y = scores.row(b)[label];
                                return x != y ? x > y : a < b;
                              });
    for (size_t k = 0; k < Retrieval::kAmong.size(); ++k) {
      const auto end =
          order.begin() + static_cast<std::ptrdiff_t>(std::min(most, Retrieval::kAmong[k]));
      const auto hits =
          std::count_if(order.begin(), end, [&](size_t i) { return labels[i] == label; });
      result.found[k] += hits > 0 ? 1 : 0;
      result.recall[k] += static_cast<double>(hits) / static_cast<double>(relevant);
    }
  }
  for (size_t k = 0; k < Retrieval::kAmong.size() && result.queries > 0; ++k) {
    result.found[k] /= static_cast<double>(result.queries);
    result.recall[k] /= static_cast<double>(result.queries);
  }
  return result;
}

double clip_score(const Scores& scores, const std::vector<size_t>& labels) {
  double sum = 0;
  for (size_t i = 0; i < scores.images(); ++i)
    sum += scores.usable[i] ? 100 * scores.row(i)[labels[i]] : 0;
  return scores.images() == 0 ? 0 : std::max(0.0, sum / static_cast<double>(scores.images()));
}

}  // namespace nitro::eval
