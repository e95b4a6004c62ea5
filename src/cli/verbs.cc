#include "cli/verbs.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nitro::cli {
namespace {

constexpr std::array kVerbs = {
    VerbRow{"apply", "Rewrites a model by a recipe or by named passes", make_apply},
    VerbRow{"calibrate", "Collects what values inside a model are like on images, for lossy passes",
            make_calibrate},
    VerbRow{"compare", "Sets two results side by side, module by module", make_compare},
    VerbRow{"completion", "Prints the completion script of a shell", make_completion},
    VerbRow{"devices", "Lists the devices that latencies can be predicted for", make_devices},
    VerbRow{"devices calibrate", "Measures a device, so that latencies on it can be predicted well",
            make_devices_calibrate},
    VerbRow{"doctor", "Says which runners work here, and what the others lack", make_doctor},
    VerbRow{"eval", "Measures the accuracy of a model on labelled images", make_eval},
    VerbRow{"export", "Writes a model as Nitro reads it", make_export},
    VerbRow{"help", "Explains a verb", make_help},
    VerbRow{"inspect", "Says what is in a model", make_inspect},
    VerbRow{"optimize", "Finds, measures and proves rewrites that make a model faster",
            make_optimize},
    VerbRow{"passes", "Lists the rewrites", make_passes},
    VerbRow{"predict", "Predicts the latency of a model on a device that is not here",
            make_predict},
    VerbRow{"profile", "Measures where the time of a model goes, and why", make_profile},
    VerbRow{"report", "Writes a result as an HTML page", make_report},
    VerbRow{"run", "Runs a model on images, tensors or random inputs", make_run},
    VerbRow{"runner cuda", "Serves the runner protocol with the CUDA engine", make_runner_cuda,
            true},
    VerbRow{"runner reference", "Serves the runner protocol with the reference executor",
            make_runner_reference, true},
    VerbRow{"runner ssh", "Serves the runner protocol with the CUDA engine of a board",
            make_runner_ssh, true},
    VerbRow{"runner trtexec", "Serves the runner protocol with TensorRT by trtexec",
            make_runner_trtexec, true},
    VerbRow{"search", "Finds the fastest rewrites at an accuracy to keep", make_search},
    VerbRow{"search worker", "Serves trials of a search with a fleet", make_search_worker, true},
    VerbRow{"tune", "Finds the fastest kernels for a model on this GPU", make_tune},
    VerbRow{"zoo export", "Writes a built-in model as ONNX", make_zoo_export},
    VerbRow{"zoo list", "Lists the built-in models", make_zoo_list},
    VerbRow{"zoo synth-rgbd", "Makes labelled indoor scenes as RGB, depth and infrared pictures",
            make_zoo_synth_rgbd},
};

static_assert(std::ranges::is_sorted(kVerbs, {}, &VerbRow::name));

/// The verbs whose first of two words is `word`, as one text.
std::string second_words(std::string_view word) {
  std::string result;
  for (const VerbRow& row : kVerbs) {
    if (!row.name.starts_with(word) || row.name.substr(word.size(), 1) != " ") continue;
    result += (result.empty() ? "" : ", ") + std::string(row.name.substr(word.size() + 1));
  }
  return result;
}

}  // namespace

std::span<const VerbRow> all_verbs() { return kVerbs; }

size_t word_count(const VerbRow& row) {
  return 1 + static_cast<size_t>(std::ranges::count(row.name, ' '));
}

Result<const VerbRow*> find_verb(std::span<const std::string> words) {
  std::vector<std::string> names;
  const VerbRow* found = nullptr;  // of the most words, which come last
  for (const VerbRow& row : kVerbs) {
    std::string given;
    for (size_t i = 0; i < std::min(word_count(row), words.size()); ++i)
      given += (i == 0 ? "" : " ") + words[i];
    if (given == row.name) found = &row;
    if (!row.hidden) names.emplace_back(row.name);
  }
  if (found) return found;
  if (words.empty()) return fail_with_hint(ErrorCode::kUsage, "no verb given", "nitro --help");
  if (const std::string more = second_words(words[0]); !more.empty()) {
    return fail_with_hint(
        ErrorCode::kUsage, fmt::format("nitro {} needs one of: {}", words[0], more),
        fmt::format("nitro help {} {}", words[0], more.substr(0, more.find(','))));
  }
  const std::string near = closest(words[0], names);
  return fail_with_hint(
      ErrorCode::kUsage, fmt::format("nitro has no verb '{}'", display(words[0], 60)),
      near.empty() ? "nitro --help lists the verbs" : fmt::format("did you mean '{}'?", near));
}

std::string overview() {
  std::string text =
      "Nitro finds out where the time of a small multimodal model goes, why, and what would be "
      "faster.\n\nUsage: nitro VERB [arguments]\n\nVerbs:\n";
  for (const VerbRow& row : kVerbs) {
    if (!row.hidden) text += fmt::format("  {:<17} {}\n", row.name, row.summary);
  }
  return text +
         "\nA MODEL is an ONNX file or zoo:NAME. Every verb takes --json (one document on stdout) "
         "and "
         "--help.\nExit codes: 0 ok, 1 a check failed, 2 usage, 3 bad input, 4 environment, "
         "5 bug, 130 interrupted.\n";
}

}  // namespace nitro::cli
