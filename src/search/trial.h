#pragma once

#include <optional>
#include <string>
#include <vector>

#include "search/space.h"

namespace nitro::search {

/// A number with its 95 % interval.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// What a model makes of the images of one modality. Shares are 0..1.
struct Quality {
  std::string modality;
  int64_t images = 0;
  std::optional<Estimate> accuracy = {};  // top-1
  std::optional<Estimate> drop = {};      // of it, below that of the original on the same images
  std::optional<Estimate> cosine = {};    // mean, of the embeddings to those of the original
  /// What was lost: the drop, or without decisions 1 - cosine.
  double loss() const { return drop ? drop->value : cosine ? 1 - cosine->value : 0; }
};

/// The greatest loss of all modalities; 0 of none.
double worst_loss(const std::vector<Quality>& quality);

/// What a trial of the sensitivity differs in from the start of the search: a step alone, at one
/// value of one of its parameters, where it has any. All empty: the start itself.
struct Varied {
  std::string step;
  std::string parameter;
  std::string value;
};

/// One of several devices. Latencies measured there are given as if the original took as long as
/// here.
struct Device {
  std::string name;
  std::optional<double> original_ns = {};  // a frame of the original there; nothing: predicted
};

/// A recipe that was tried, and what came of it.
struct Trial {
  int64_t number = -1;
  std::optional<Varied> varied = {};  // of the sensitivity; nothing: of the search after it
  Point point = {};
  std::string recipe = {};               // TOML
  std::string model_sha256 = {};         // of the rewritten model
  std::optional<int64_t> same_as = {};   // the trial that had the same model, whose numbers it has
  std::optional<Estimate> latency = {};  // of a frame, ns
  std::optional<double> memory_bytes = {};
  std::vector<Quality> quality = {};
  bool all_images = false;            // else quality is of the few that are looked at first
  std::string stopped = {};           // why the rest was not looked at; empty: it was
  std::string error = {};             // why there is no model, or it does not run
  double seconds = 0;                 // that it took
  std::optional<Device> device = {};  // of a fleet, that measured it

  bool complete() const { return error.empty() && stopped.empty() && all_images && latency; }
  /// Whether it says what there is to say of its model.
  bool measured() const { return error.empty() && (complete() || !stopped.empty()); }
};

Json to_json(const Trial& trial);
/// What to_json() wrote, without number and point, which the sampler keeps. kBadFile where a member
/// is impossible.
Result<Trial> trial_from_json(const Json& json);

Json to_json(const std::vector<Quality>& quality);
/// The member "varied" of a trial; nothing where it is null.
std::optional<Varied> varied_from_json(const Json& json);
Json to_json(const std::optional<Varied>& varied);

/// The member "device" of a trial; nothing where it is null.
std::optional<Device> device_from_json(const Json& json);
Json to_json(const std::optional<Device>& device);

/// The complete trials of which none is as fast, as good in every modality and as small as another,
/// and better in one of these; the fastest first.
std::vector<const Trial*> pareto_front(const std::vector<Trial>& trials);

}  // namespace nitro::search
