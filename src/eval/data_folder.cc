#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "eval/data_set.h"

namespace nitro::eval {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 4'000'000;

/// What is in a folder, sorted by name; hidden entries are left out.
Result<std::vector<fs::path>> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().native().starts_with('.')) found.push_back(it->path());
    if (found.size() > kMostFiles) {
      return fail(ErrorCode::kLimitExceeded, "{} has more than {} files", display(folder.native()),
                  kMostFiles);
    }
  }
  if (error) {
    return fail(ErrorCode::kInputOutput, "cannot list {}: {}", display(folder.native()),
                error.message());
  }
  std::ranges::sort(found);
  return found;
}

Result<std::vector<fs::path>> folders(const fs::path& parent) {
  auto found = TRY(entries(parent));
  std::erase_if(found, [](const fs::path& path) {
    std::error_code error;
    return !fs::is_directory(path, error);
  });
  return found;
}

bool is_image_name(const fs::path& path) {
  std::string extension = path.extension().native();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png" || extension == ".npy";
}

/// The scenes of a data set by CLASS/NAME.
class Scenes {
 public:
  explicit Scenes(size_t modalities) : modalities_(modalities) {}

  Result<void> add(size_t modality, const std::string& class_name, const fs::path& file) {
    const std::string id = class_name + "/" + file.stem().native();
    const auto [place, is_new] = samples_.try_emplace(id);
    FoundSample& sample = place->second;
    if (is_new) sample = {id, class_name, std::vector<fs::path>(modalities_)};
    if (samples_.size() > kMostFiles)
      return fail(ErrorCode::kLimitExceeded, "there are more than {} scenes", kMostFiles);
    if (!sample.files[modality].empty()) {
      return fail_with_hint(
          ErrorCode::kBadFile,
          fmt::format("{} and {} are the same scene", display(sample.files[modality].native(), 120),
                      display(file.native(), 120)),
          "keep one of the two");
    }
    sample.files[modality] = file;
    return {};
  }

  std::vector<FoundSample> take() {
    std::vector<FoundSample> result;
    for (auto& [id, sample] : samples_) result.push_back(std::move(sample));
    return result;
  }

 private:
  size_t modalities_;
  std::map<std::string, FoundSample> samples_;
};

/// `wanted`, or all where empty, checked against the folders that are there.
Result<std::vector<std::string>> modalities_of(const fs::path& path,
                                               const std::vector<std::string>& wanted) {
  std::vector<std::string> there;
  for (const fs::path& folder : TRY(folders(path))) there.push_back(folder.filename().native());
  if (there.empty()) {
    return fail_with_hint(ErrorCode::kBadFile,
                          fmt::format("{} holds no folders", display(path.native())),
                          "a data set is MODALITY/CLASS/NAME.png");
  }
  for (const std::string& name : wanted) {
    if (std::ranges::find(there, name) != there.end()) continue;
    return fail_with_hint(
        ErrorCode::kUsage,
        fmt::format("{} has no modality '{}'", display(path.native()), display(name, 60)),
        display(fmt::format("it has {}", fmt::join(there, ", ")), 200));
  }
  return wanted.empty() ? there : wanted;
}

}  // namespace

Result<DataSet> open_folder(const fs::path& path, const std::vector<std::string>& modalities) {
  std::vector<std::string> names = TRY(modalities_of(path, modalities));
  Scenes scenes(names.size());
  size_t ignored = 0;
  for (size_t modality = 0; modality < names.size(); ++modality) {
    const auto class_folders = TRY(folders(path / names[modality]));
    for (const fs::path& folder : class_folders) {
      const auto files = TRY(entries(folder));
      for (const fs::path& file : files) {
        if (is_image_name(file)) {
          TRY(scenes.add(modality, folder.filename().native(), file));
        } else {
          ++ignored;
        }
      }
    }
  }
  DataSet data = TRY(make_data_set(path, std::move(names), scenes.take()));
  if (ignored > 0)
    data.notes.push_back(fmt::format("{} file(s) that are no images were ignored", ignored));
  return data;
}

}  // namespace nitro::eval
