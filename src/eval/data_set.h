#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace nitro::eval {

/// One scene: an image file of each modality.
struct Sample {
  std::string id;                                 // valid UTF-8, of no other sample
  size_t label = 0;                               // index into the classes
  std::vector<std::filesystem::path> files = {};  // as the modalities
};

/// Labelled images, the samples sorted by id.
struct DataSet {
  std::vector<std::string> modalities;
  std::vector<std::string> classes;  // sorted; each has a sample
  std::vector<Sample> samples;
  std::vector<std::string> notes = {};  // what was left out, one sentence each
};

/// Opens `path`: a folder MODALITY/CLASS/NAME.{jpg,jpeg,png,npy}, whose modalities name the same
/// scene by the same CLASS/NAME, or a CSV manifest. Without `modalities` those that are there,
/// sorted. A scene that lacks one of them is left out and counted in a note; other files and hidden
/// ones are ignored. Fails with kUsage on a modality that is not there, kBadFile where two files
/// claim one name or nothing is left, kLimitExceeded, and kInputOutput.
Result<DataSet> open_data_set(const std::filesystem::path& path,
                              const std::vector<std::string>& modalities);

/// The same of a folder.
Result<DataSet> open_folder(const std::filesystem::path& path,
                            const std::vector<std::string>& modalities);

/// The same of a manifest: comma-separated lines, the first of which names the columns: `class`,
/// one for each modality with paths relative to the manifest's folder, and optionally `id`
/// (default: the path of the first modality). Cells may be quoted as RFC 4180 says. An empty path
/// is a missing image.
Result<DataSet> open_manifest(const std::filesystem::path& path,
                              const std::vector<std::string>& modalities);

/// A scene under construction; an empty path is a missing image.
struct FoundSample {
  std::string id;
  std::string class_name;
  std::vector<std::filesystem::path> files;
};

/// Sorts `found`, numbers the classes and leaves out what is incomplete.
Result<DataSet> make_data_set(const std::filesystem::path& source,
                              std::vector<std::string> modalities, std::vector<FoundSample> found);

/// At most `limit` samples (0: all), as evenly over the classes as they allow, chosen by `seed` and
/// in an order in which the classes alternate, so that any beginning is a fair sample, too.
std::vector<size_t> choose_samples(const DataSet& data, size_t limit, uint64_t seed);

}  // namespace nitro::eval
