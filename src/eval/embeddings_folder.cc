#include "eval/embeddings_folder.h"

#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "runner/npy.h"

namespace nitro::eval {
namespace {

constexpr std::array kPrefixes = {"embeddings", "reference"};

Tensor tensor_of(const Embeddings& embeddings) {
  return Tensor::of(DType::kF32,
                    {static_cast<int64_t>(embeddings.rows()), static_cast<int64_t>(embeddings.dim)},
                    embeddings.values);
}

}  // namespace

Result<void> write_embeddings(const std::filesystem::path& folder, const DataSet& data,
                              const Embedded& embedded, const Task& task) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::kInputOutput, "cannot make the folder {}: {}", display(folder.native()),
                error.message());
  }
  Json json =
      Json::object({{"nitro_version", kVersion}, {"classes", Json::array_of(task.classes)}});
  TRY(runner::write_npy(folder / "labels.npy",
                        Tensor::vector({task.labels.begin(), task.labels.end()})));
  json["labels"] = "labels.npy";
  if (task.text) TRY(runner::write_npy(folder / "text.npy", tensor_of(task.text->rows)));
  json["text"] = task.text ? Json("text.npy") : Json();
  json["modalities"] = Json::array();
  for (size_t i = 0; i < data.modalities.size(); ++i) {
    Json modality = Json::object({{"modality", data.modalities[i]}});
    for (size_t model = 0; model < embedded.models.size(); ++model) {
      const std::string file = fmt::format("{}_{}.npy", kPrefixes[model], i);
      TRY(runner::write_npy(folder / file, tensor_of(embedded.models[model][i])));
      modality[kPrefixes[model]] = file;
    }
    json["modalities"].push_back(std::move(modality));
  }
  json["scenes"] = Json::array();
  for (size_t sample : embedded.samples) json["scenes"].push_back(data.samples[sample].id);
  return write_file_atomic(folder / "embeddings.json", json.dump(1) + "\n");
}

}  // namespace nitro::eval
