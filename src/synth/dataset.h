#pragma once

#include <filesystem>
#include <functional>

#include "base/error.h"
#include "synth/sample.h"

namespace nitro::synth {

struct DatasetOptions {
  std::filesystem::path folder;
  int64_t count = 0;
  int64_t seed = 0;
  Split split = Split::kTrain;
  int size = 224;
  int threads = 1;
};

struct DatasetProgress {
  int64_t made = 0;   // by this run
  int64_t found = 0;  // complete before it
  int64_t count = 0;
};

/// The word for `split`: train, val or test.
std::string_view name(Split split);

/// Writes samples 0 to `count` - 1 as rgb/CLASS/NAME.png, depth/... and ir/..., with classes.txt
/// and manifest.json. Files appear complete or not at all; samples that are there already are kept,
/// so that a run that was stopped goes on where it was. `report` is called about once a second and
/// `stop` is asked before each sample. kUsage where the folder holds something else.
Result<DatasetProgress> write_dataset(const DatasetOptions& options,
                                      const std::function<void(const DatasetProgress&)>& report,
                                      const std::function<bool()>& stop);

}  // namespace nitro::synth
