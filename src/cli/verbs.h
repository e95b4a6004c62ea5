#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.h"

namespace nitro::cli {

struct VerbRow {
  std::string_view name;  // one or two words
  std::string_view summary;
  std::unique_ptr<Verb> (*make)();
  bool hidden = false;
};

/// Every verb, sorted by name. The only list of them.
std::span<const VerbRow> all_verbs();

/// The verb that `words` begin with. kUsage with a suggestion where there is none.
Result<const VerbRow*> find_verb(std::span<const std::string> words);

/// The words that `row` takes of a command line.
size_t word_count(const VerbRow& row);

/// What `nitro --help` shows.
std::string overview();

// One per cmd_<verb>.cc; verbs.cc lists them.
std::unique_ptr<Verb> make_apply();
std::unique_ptr<Verb> make_calibrate();
std::unique_ptr<Verb> make_compare();
std::unique_ptr<Verb> make_completion();
std::unique_ptr<Verb> make_devices();
std::unique_ptr<Verb> make_devices_calibrate();
std::unique_ptr<Verb> make_doctor();
std::unique_ptr<Verb> make_eval();
std::unique_ptr<Verb> make_export();
std::unique_ptr<Verb> make_help();
std::unique_ptr<Verb> make_inspect();
std::unique_ptr<Verb> make_optimize();
std::unique_ptr<Verb> make_passes();
std::unique_ptr<Verb> make_predict();
std::unique_ptr<Verb> make_profile();
std::unique_ptr<Verb> make_report();
std::unique_ptr<Verb> make_run();
std::unique_ptr<Verb> make_runner_cuda();
std::unique_ptr<Verb> make_runner_reference();
std::unique_ptr<Verb> make_runner_ssh();
std::unique_ptr<Verb> make_runner_trtexec();
std::unique_ptr<Verb> make_search();
std::unique_ptr<Verb> make_search_worker();
std::unique_ptr<Verb> make_tune();
std::unique_ptr<Verb> make_zoo_export();
std::unique_ptr<Verb> make_zoo_list();
std::unique_ptr<Verb> make_zoo_synth_rgbd();

}  // namespace nitro::cli
