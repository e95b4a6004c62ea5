#pragma once

#include <functional>
#include <limits>

#include "search/devices.h"
#include "search/finals.h"
#include "search/sampler.h"

namespace nitro::search {

struct SearchOptions {
  Space space;
  optimize::Recipe standard = {};  // the exact passes
  Limits limits = {};
  Study study = {};     // its dimensions and objectives are filled in
  int64_t trials = 50;  // different recipes in all, those of earlier sessions included
  double seconds = std::numeric_limits<double>::infinity();  // for trials
  Json versions = Json::object();                            // an object, kept with each trial
  size_t finalists = 3;
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(const std::string&)> phase = [](const std::string&) {};
};

struct Found {
  std::vector<Trial> trials = {};  // of all sessions, by number
  std::vector<Finalist> finalists = {};
  std::optional<Trial> winner = {};  // nothing where none keeps the limits, or it was interrupted
  std::vector<Contribution> ledger = {};
  std::vector<Dropped> dropped = {};
  std::string sampler_version = {};
  int64_t again = 0;              // trials that an earlier session had not finished
  double seconds = 0;             // of this session
  double evaluating_seconds = 0;  // of these, to make and measure models
  Json fleet = {};                // what measured the trials of this session; null: this machine
  std::string ended_by = {};      // "trials", "time", "exhausted" or "interrupted"
};

/// Each pass alone, then combinations that `sampler` proposes, as many at a time as there are
/// `devices`; then, by `evaluator`, the fastest that keep the limits side by side with the
/// original, and what each step of the winner brings. Fails on what no model is to blame for, and
/// where the first trials all fail.
Result<Found> search(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler,
                     Devices& devices);
/// The same with the trials on this machine.
Result<Found> search(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler);

/// The member `search` of docs/result.schema.json.
Json to_json(const Found& found, const SearchOptions& options);

}  // namespace nitro::search
