#include "cli/data_arguments.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::cli {
namespace {

/// kUsage where a class of the data is no candidate.
Result<void> check_classes(const eval::DataSet& data, const std::vector<std::string>& candidates) {
  for (const std::string& name : data.classes) {
    if (std::ranges::find(candidates, name) != candidates.end()) continue;
    const std::string near = closest(name, candidates);
    return fail_with_hint(
        ErrorCode::kUsage,
        fmt::format("the class '{}' of the data is not in --classes", display(name, 80)),
        near.empty() ? "name the folders as the lines of that file"
                     : fmt::format("the nearest there is '{}'", display(near, 80)));
  }
  return {};
}

}  // namespace

void DataArguments::declare(Arguments& arguments) {
  arguments.option("--data", "Images: a folder MODALITY/CLASS/NAME.png, or a CSV manifest", data_);
  arguments.option("--text", "Embeddings of the classes' prompts: f32[classes,dim] as .npy", text_);
  arguments.option("--classes", "The class of each row of --text, a line each", classes_);
  arguments.option("--margin", "Points within which accuracies are the same (default 1)", margin_,
                   0);
  arguments.option("--limit", "Scenes at most, evenly over the classes; 0 (default): all", limit_,
                   0);
  arguments.flag("--skip-damaged", "Leaves out scenes whose images cannot be read", skip_damaged_);
}

Result<void> DataArguments::check_alone(bool needs) const {
  if (!needs && text_.empty() && classes_.empty()) return {};
  return fail_with_hint(
      ErrorCode::kUsage,
      needs ? "limits of accuracy need --data" : "--text and --classes need --data",
      "a folder MODALITY/CLASS/NAME.png, or a CSV manifest");
}

Result<eval::TestSet> DataArguments::test_set(const std::filesystem::path& data,
                                              const std::vector<std::string>& modalities,
                                              uint64_t seed) const {
  eval::TestSet set;
  set.source = data;
  set.data = TRY(eval::open_data_set(data, modalities));
  set.task = TRY(task(set.data));
  set.limit = static_cast<size_t>(limit_);
  set.seed = seed;
  set.skip_damaged = skip_damaged_;
  set.accuracy.seed = seed;
  set.accuracy.margin = margin_ / 100;
  return set;
}

Result<eval::Task> DataArguments::task(const eval::DataSet& data) const {
  eval::Task task;
  if (!text_.empty() && classes_.empty()) {
    return fail_with_hint(ErrorCode::kUsage, "--text needs --classes, the names of its rows",
                          "python -m nitro.text takes the same file");
  }
  if (!text_.empty()) {
    task.text = TRY(eval::read_text_embeddings(text_, classes_));
    task.classes = task.text->classes;
  } else if (!classes_.empty()) {
    task.classes = TRY(eval::read_classes(classes_));
  }
  if (!task.classes.empty()) TRY(check_classes(data, task.classes));
  return task;
}

}  // namespace nitro::cli
