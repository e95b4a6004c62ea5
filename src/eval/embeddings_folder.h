#pragma once

#include "eval/data_set.h"
#include "eval/embed.h"
#include "eval/metrics.h"

namespace nitro::eval {

/// Writes what `python -m nitro.metrics` reads into `folder`, which is made where missing:
/// labels.npy, text.npy (where there is text), embeddings_<i>.npy of modality i (and
/// reference_<i>.npy of a second model), and embeddings.json, which names them, the classes and the
/// scenes. Fails with kInputOutput.
Result<void> write_embeddings(const std::filesystem::path& folder, const DataSet& data,
                              const Embedded& embedded, const Task& task);

}  // namespace nitro::eval
