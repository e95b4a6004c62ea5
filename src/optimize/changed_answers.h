#pragma once

#include <vector>

#include "base/json.h"
#include "eval/test_set.h"

namespace nitro::optimize {

/// An image that two models answer differently.
struct ChangedAnswer {
  size_t modality = 0;  // of the data set
  size_t scene = 0;     // place among the embedded
};

/// At most `most` images with another answer, the modalities in turn; first those that `optimized`
/// alone gets wrong, then those that it alone gets right. Both have the decisions of each modality.
std::vector<ChangedAnswer> changed_answers(const std::vector<eval::Metrics>& baseline,
                                           const std::vector<eval::Metrics>& optimized,
                                           size_t most);

/// The image as a small PNG in a data URI, null where it is no picture or cannot be read any more.
Json thumbnail_json(const std::filesystem::path& file);

}  // namespace nitro::optimize
