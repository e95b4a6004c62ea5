#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/verbs.h"
#include "synth/classes.h"
#include "synth/dataset.h"

namespace nitro::cli {
namespace {

constexpr int64_t kMostSamples = 100'000'000;
constexpr int64_t kLargest = 2048;

class ZooSynthRgbd final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.option("-o,--output", "The folder to write; an earlier run there is continued",
                     output_);
    arguments.option("--count", "Samples, the classes in turn (default 1000)", count_, 1);
    arguments.option("--seed", "Of all that is random (default 0)", seed_, 0);
    arguments.option("--size", "Pixels of a side (default 224)", size_, 16);
    arguments.option("--threads", "Default: one per core", threads_, 1);
    arguments.choice("--split", "Splits of one seed share no sample (default train)", split_,
                     {"train", "val", "test"});
  }

  Result<int> run(Console& console) override {
    const synth::DatasetOptions options = TRY(chosen());
    note_signals();
    const auto start = Clock::now();
    const auto done = TRY(synth::write_dataset(
        options,
        [&](const synth::DatasetProgress& progress) {
          const double seconds = seconds_since(start);
          // Lines of a log, a line of a terminal: the same, as that is shown anew each time.
          console.phase(progress_text(progress, seconds));
        },
        interrupted));
    const double seconds = seconds_since(start);
    const int64_t complete = done.made + done.found;
    console.text(
        fmt::format("{} of {} samples in {}: {} made in {:.1f} s ({:.1f}/s), {} there "
                    "before\n",
                    complete, done.count, display(options.folder.native()), done.made, seconds,
                    static_cast<double>(done.made) / seconds, done.found));
    if (complete < done.count) console.note("the same command goes on where this one stopped");
    console.document(Json::object({{"folder", options.folder.string()},
                                   {"samples", complete},
                                   {"wanted", done.count},
                                   {"made", done.made},
                                   {"seconds", seconds},
                                   {"classes", synth::classes().size()}}));
    return interrupt_exit_code();
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  static std::string progress_text(const synth::DatasetProgress& progress, double seconds) {
    const double rate = static_cast<double>(progress.made) / seconds;
    const int64_t complete = progress.made + progress.found;
    const double left = rate > 0 ? static_cast<double>(progress.count - complete) / rate : 0;
    return fmt::format("{} of {} samples, {:.1f}/s, {:.0f} s left", complete, progress.count, rate,
                       left);
  }

  Result<synth::DatasetOptions> chosen() const {
    if (output_.empty())
      return fail_with_hint(ErrorCode::kUsage, "no folder to write", "name one with -o");
    if (count_ > kMostSamples)
      return fail(ErrorCode::kLimitExceeded, "--count {} is more than {}", count_, kMostSamples);
    if (size_ > kLargest)
      return fail(ErrorCode::kLimitExceeded, "--size {} is more than {}", size_, kLargest);
    synth::DatasetOptions options;
    options.folder = output_;
    options.count = count_;
    options.seed = seed_;
    options.split = split_ == "train" ? synth::Split::kTrain
                    : split_ == "val" ? synth::Split::kVal
                                      : synth::Split::kTest;
    options.size = static_cast<int>(size_);
    const int64_t cores = std::max(1U, std::thread::hardware_concurrency());
    options.threads = static_cast<int>(threads_ == 0 ? cores : std::min<int64_t>(threads_, 1024));
    return options;
  }

  std::filesystem::path output_;
  int64_t count_ = 1000;
  int64_t seed_ = 0;
  int64_t size_ = 224;
  int64_t threads_ = 0;  // not given
  std::string split_ = "train";
};

}  // namespace

std::unique_ptr<Verb> make_zoo_synth_rgbd() { return std::make_unique<ZooSynthRgbd>(); }

}  // namespace nitro::cli
