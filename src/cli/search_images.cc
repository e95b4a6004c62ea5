#include "cli/search_images.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::cli {

void SearchImages::declare(Arguments& arguments) {
  arguments.option("--data", "Images to choose by: a folder MODALITY/CLASS/NAME.png, or a manifest",
                   data_);
  arguments.option("--test-data", "Others, of which the accuracy of the winner is told",
                   test_data_);
  arguments.option("--text", "Embeddings of the classes' prompts: f32[classes,dim] as .npy", text_);
  arguments.option("--classes", "The class of each row of --text, a line each", classes_);
  arguments.option("--limit", "Scenes at most, evenly over the classes; 0 (default): all", limit_,
                   0);
}

Result<search::EvaluationData> SearchImages::data(const std::vector<std::string>& modalities,
                                                  bool decisions, uint64_t seed) const {
  if (!data_.empty()) return open(data_, modalities, decisions, seed);
  return fail_with_hint(ErrorCode::kUsage, "--data is missing",
                        "a folder MODALITY/CLASS/NAME.png, or a CSV manifest");
}

Result<std::optional<search::EvaluationData>> SearchImages::test_data(
    const std::vector<std::string>& modalities, bool decisions, uint64_t seed) const {
  if (test_data_.empty()) return std::optional<search::EvaluationData>();
  return TRY(open(test_data_, modalities, decisions, seed));
}

Result<search::EvaluationData> SearchImages::open(const std::filesystem::path& path,
                                                  const std::vector<std::string>& modalities,
                                                  bool decisions, uint64_t seed) const {
  search::EvaluationData data{TRY(eval::open_data_set(path, modalities))};
  if (!text_.empty() && classes_.empty())
    return fail(ErrorCode::kUsage, "--text needs --classes, the names of its rows");
  if (!text_.empty()) {
    data.task.text = TRY(eval::read_text_embeddings(text_, classes_));
    data.task.classes = data.task.text->classes;
  } else if (!classes_.empty()) {
    data.task.classes = TRY(eval::read_classes(classes_));
  } else if (decisions) {
    return fail_with_hint(ErrorCode::kUsage, "an accuracy to keep needs classes",
                          "give --text and --classes, or --classes for a classifier");
  }
  const std::vector<std::string>& candidates = data.task.classes;
  for (const std::string& name : data.set.classes) {
    if (candidates.empty() || std::ranges::count(candidates, name) > 0) continue;
    return fail(ErrorCode::kUsage, "the class '{}' of the data is not in --classes",
                display(name, 80));
  }
  data.all = eval::choose_samples(data.set, static_cast<size_t>(limit_), seed);
  return data;
}

PortOptions SearchImages::ports(const search::EvaluationData& data) const {
  PortOptions ports{data.set.modalities};
  if (data.task.text) ports.dim = data.task.text->rows.dim;
  return ports;
}

}  // namespace nitro::cli
