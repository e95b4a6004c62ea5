#include "synth/dataset.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "synth/classes.h"
#include "synth/encode_png.h"

namespace nitro::synth {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kModalities = {"rgb", "depth", "ir"};
constexpr uint64_t kMostManifestBytes = 1 << 20;

fs::path path_of(const fs::path& folder, std::string_view modality, int64_t index) {
  const std::string_view label = classes()[static_cast<size_t>(label_of(index))].name;
  return folder / modality / label / fmt::format("{:06}.png", index);
}

/// What two runs must share to add to one folder.
Json identity(const DatasetOptions& options) {
  return Json::object({{"generator", "nitro zoo synth-rgbd"},
                       {"version", kVersion},
                       {"seed", options.seed},
                       {"split", name(options.split)},
                       {"size", options.size}});
}

Json manifest(const DatasetOptions& options, bool complete) {
  Json json = identity(options);
  json["count"] = options.count;
  json["complete"] = complete;
  Json counts;
  for (size_t label = 0; label < classes().size(); ++label) {
    const auto all = static_cast<int64_t>(classes().size());
    counts[classes()[label].name] = (options.count + all - 1 - static_cast<int64_t>(label)) / all;
  }
  json["classes"] = std::move(counts);
  json["modalities"] = Json::object({{"rgb", "8-bit RGB"},
                                     {"depth", "16-bit grey, millimetres, 0 where there is none"},
                                     {"ir", "8-bit grey"}});
  return json;
}

std::unexpected<Error> foreign(const fs::path& folder, std::string_view why) {
  return fail_with_hint(ErrorCode::kUsage, fmt::format("{} {}", display(folder.native()), why),
                        "choose another folder with -o");
}

/// Whether the folder may be written to: new, empty, or of an earlier run with the same identity.
Result<void> check_folder(const DatasetOptions& options) {
  std::error_code error;
  const fs::path file = options.folder / "manifest.json";
  if (!fs::exists(file, error)) {
    if (fs::exists(options.folder, error) && !fs::is_empty(options.folder, error))
      return foreign(options.folder, "is not empty and has no manifest.json");
    return {};
  }
  const std::string text = TRY(read_file(file, kMostManifestBytes));
  const Json there = TRY(in_context(Json::parse(text), display(file.native())));
  const Json wanted = identity(options);
  for (const auto& [key, value] : wanted.members()) {
    if (there.at(key) != value) {
      return foreign(options.folder,
                     fmt::format("holds samples with another {}: {} instead of {}", key,
                                 display(there.at(key).dump(), 60), value.dump()));
    }
  }
  return {};
}

Result<void> make_folders(const fs::path& folder) {
  for (const std::string_view modality : kModalities) {
    for (const ClassRow& row : classes()) {
      std::error_code error;
      fs::create_directories(folder / modality / row.name, error);
      if (error) {
        return fail(ErrorCode::kInputOutput, "cannot make folders in '{}': {}",
                    display(folder.native()), error.message());
      }
    }
  }
  return {};
}

bool is_there(const DatasetOptions& options, int64_t index) {
  for (const std::string_view modality : kModalities) {
    std::error_code error;
    const auto bytes = fs::file_size(path_of(options.folder, modality, index), error);
    if (error || bytes == 0) return false;  // empty: power was lost
  }
  return true;
}

Result<void> write_sample(const DatasetOptions& options, int64_t index) {
  const Sample sample =
      make_sample({static_cast<uint64_t>(options.seed), options.split, index}, options.size);
  const std::array<const Picture*, 3> pictures = {&sample.colour, &sample.depth, &sample.infrared};
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::string file = TRY(encode_png(*pictures[i]));
    TRY(write_file_atomic(path_of(options.folder, kModalities[i], index), file, Overwrite::kAllow,
                          Flush::kLater));
  }
  return {};
}

/// Several threads that take the next sample until there is none.
class Workers {
 public:
  Workers(const DatasetOptions& options, const std::function<bool()>& stop)
      : options_(options), stop_(stop), working_(options.threads) {
    for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
  }

  DatasetProgress progress() const { return {made_, found_, options_.count}; }

  /// Waits for at most a second; whether all are done.
  bool wait() {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, std::chrono::seconds(1), [this] { return working_ == 0; });
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  void work() {
    while (!failed_ && !stop_()) {
      const int64_t index = next_++;
      if (index >= options_.count) break;
      if (is_there(options_, index)) {
        ++found_;
        continue;
      }
      const auto written = write_sample(options_, index);
      if (written) {
        ++made_;
        continue;
      }
      failed_ = true;
      const std::lock_guard lock(mutex_);
      error_ = written.error();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    ended_.notify_all();
  }

  const DatasetOptions& options_;
  const std::function<bool()>& stop_;
  std::atomic<int64_t> next_ = 0, made_ = 0, found_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  int working_;
  std::optional<Error> error_;
  std::vector<std::jthread> threads_;
};

}  // namespace

std::string_view name(Split split) {
  constexpr std::array<std::string_view, 3> kNames = {"train", "val", "test"};
  return kNames[static_cast<size_t>(split)];
}

Result<DatasetProgress> write_dataset(const DatasetOptions& options,
                                      const std::function<void(const DatasetProgress&)>& report,
                                      const std::function<bool()>& stop) {
  TRY(check_folder(options));
  TRY(make_folders(options.folder));
  std::string names;
  for (const ClassRow& row : classes()) names += std::string(row.name) + "\n";
  TRY(write_file_atomic(options.folder / "classes.txt", names));
  const fs::path file = options.folder / "manifest.json";
  TRY(write_file_atomic(file, manifest(options, false).dump(2) + "\n"));
  Workers workers(options, stop);
  while (!workers.wait()) report(workers.progress());
  if (workers.error()) return std::unexpected(*workers.error());
  const DatasetProgress done = workers.progress();
  ::sync();
  if (done.made + done.found == options.count)
    TRY(write_file_atomic(file, manifest(options, true).dump(2) + "\n"));
  return done;
}

}  // namespace nitro::synth
