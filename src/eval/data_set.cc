#include "eval/data_set.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/random.h"
#include "base/text.h"

namespace nitro::eval {
namespace {

std::vector<std::string> class_names(const std::vector<FoundSample>& samples) {
  std::vector<std::string> names;
  for (const FoundSample& sample : samples) names.push_back(sample.class_name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

/// Leaves out the samples without a file of each modality; a note for each modality that lacks
/// some.
std::vector<std::string> drop_incomplete(const std::vector<std::string>& modalities,
                                         std::vector<FoundSample>& samples) {
  std::vector<size_t> missing(modalities.size());
  std::erase_if(samples, [&](const FoundSample& sample) {
    bool incomplete = false;
    for (size_t i = 0; i < modalities.size(); ++i) {
      if (!sample.files[i].empty()) continue;
      ++missing[i];
      incomplete = true;
    }
    return incomplete;
  });
  std::vector<std::string> notes;
  for (size_t i = 0; i < modalities.size(); ++i) {
    if (missing[i] == 0) continue;
    notes.push_back(fmt::format("{} scene(s) without an image of {} were left out", missing[i],
                                display(modalities[i], 60)));
  }
  return notes;
}

void shuffle(std::vector<size_t>& values, Random& random) {
  for (size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[static_cast<size_t>(random.below(static_cast<int64_t>(i)))]);
}

}  // namespace

Result<DataSet> open_data_set(const std::filesystem::path& path,
                              const std::vector<std::string>& modalities) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return open_folder(path, modalities);
  return open_manifest(path, modalities);
}

Result<DataSet> make_data_set(const std::filesystem::path& source,
                              std::vector<std::string> modalities, std::vector<FoundSample> found) {
  DataSet data;
  data.notes = drop_incomplete(modalities, found);
  if (found.empty()) {
    return fail_with_hint(
        ErrorCode::kBadFile,
        fmt::format("{} has no scene with an image of every modality ({})",
                    display(source.native()),
                    display(fmt::format("{}", fmt::join(modalities, ", ")), 80)),
        "modalities name the same scene by the same CLASS/NAME; evaluate some with --modalities");
  }
  for (FoundSample& sample : found) sample.id = to_valid_utf8(sample.id);
  std::ranges::sort(found, {}, &FoundSample::id);
  const auto twice = std::ranges::adjacent_find(found, {}, &FoundSample::id);
  if (twice != found.end()) {
    return fail(ErrorCode::kBadFile, "{} has two scenes called '{}'", display(source.native()),
                display(twice->id, 120));
  }
  data.modalities = std::move(modalities);
  data.classes = class_names(found);
  for (FoundSample& sample : found) {
    const auto place = std::ranges::lower_bound(data.classes, sample.class_name);
    data.samples.push_back({std::move(sample.id), static_cast<size_t>(place - data.classes.begin()),
                            std::move(sample.files)});
  }
  return data;
}

std::vector<size_t> choose_samples(const DataSet& data, size_t limit, uint64_t seed) {
  std::vector<std::vector<size_t>> by_class(data.classes.size());
  for (size_t i = 0; i < data.samples.size(); ++i) by_class[data.samples[i].label].push_back(i);
  Random random(seed);
  size_t longest = 0;
  for (std::vector<size_t>& samples : by_class) {
    shuffle(samples, random);
    longest = std::max(longest, samples.size());
  }
  std::vector<size_t> classes(by_class.size());
  for (size_t i = 0; i < classes.size(); ++i) classes[i] = i;
  std::vector<size_t> chosen;
  const size_t wanted = limit == 0 ? data.samples.size() : std::min(limit, data.samples.size());
  for (size_t round = 0; round < longest; ++round) {
    shuffle(classes, random);
    for (size_t label : classes) {
      if (chosen.size() == wanted) return chosen;
      if (round < by_class[label].size()) chosen.push_back(by_class[label][round]);
    }
  }
  return chosen;
}

}  // namespace nitro::eval
