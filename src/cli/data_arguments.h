#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "eval/test_set.h"

namespace nitro::cli {

/// The arguments by which a verb takes labelled images: --data, --text, --classes and what belongs
/// to them.
class DataArguments {
 public:
  void declare(Arguments& arguments);
  bool given() const { return !data_.empty(); }
  /// Without --data: kUsage where one of them was given that means nothing alone, or the caller
  /// `needs` images.
  Result<void> check_alone(bool needs) const;
  /// The images in `modalities`, or all that are there. Without classes decisions are not looked
  /// at; the caller says whether that will do. Fails with kUsage where a class of the data is no
  /// candidate, and as the reading of the files does.
  Result<eval::TestSet> test_set(const std::vector<std::string>& modalities, uint64_t seed) const {
    return test_set(data_, modalities, seed);
  }
  /// The same of other images than those of --data.
  Result<eval::TestSet> test_set(const std::filesystem::path& data,
                                 const std::vector<std::string>& modalities, uint64_t seed) const;

 private:
  Result<eval::Task> task(const eval::DataSet& data) const;

  std::filesystem::path data_;
  std::filesystem::path text_;
  std::filesystem::path classes_;
  double margin_ = 1;
  int64_t limit_ = 0;
  bool skip_damaged_ = false;
};

}  // namespace nitro::cli
