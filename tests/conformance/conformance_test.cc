// Runs the cases of ONNX's backend test and compares the outcome of each with the manifest.
//
//   nitro_conformance_test MANIFEST [--update] [--only NAME] [--exported FOLDER]
//
// The cases lie in $NITRO_ONNX_TESTDATA, else where CMake found them. Exit 77: there are none.

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "find_cases.h"
#include "suite_case.h"

namespace nitro::conformance {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;

struct Options {
  fs::path manifest;
  bool update = false;
  std::string only;
  fs::path exported;
};

/// Prints how `outcome` deviates from its line, if it does.
bool deviates(const Manifest& manifest, const std::string& name, const Outcome& outcome) {
  const auto line = manifest.find(name);
  if (line == manifest.end()) {
    fmt::print("{}: has no line in the manifest\n", name);
  } else if (line->second.passes && !outcome.passes) {
    fmt::print("{}: should pass, {} is unsupported\n", name, outcome.unsupported);
  } else if (!line->second.passes && outcome.passes) {
    fmt::print("{}: passes now, update the manifest\n", name);
  } else {
    return false;
  }
  return true;
}

struct Counts {
  int passed = 0;
  int exported = 0;
  int unsupported = 0;
  int failed = 0;
  int deviating = 0;
};

int run(const Options& options) {
  const std::vector<fs::path> cases = find_cases();
  if (cases.empty()) {
    fmt::print("skipped: no ONNX test data (install libonnx-testdata)\n");
    return kSkipped;
  }
  const Result<Manifest> manifest = read_manifest(options.manifest);
  if (!manifest && !options.update) {
    fmt::print("{}\n", manifest.error().text());
    return 1;
  }
  const Result<ScratchFolder> scratch = ScratchFolder::create("nitro-conformance");
  const fs::path exported = options.exported.empty() ? scratch->path() : options.exported;
  Manifest outcomes;
  Counts counts;
  for (const fs::path& folder : cases) {
    const std::string name = name_of(folder);
    if (!options.only.empty() && name != options.only) continue;
    const Result<RunResult> result = run_case(folder, exported);
    if (!result) {
      fmt::print("{}: {}: {}\n", name, nitro::name(result.error().code), result.error().text());
      ++counts.failed;
      continue;
    }
    outcomes[name] = result->outcome;
    ++(result->outcome.passes ? counts.passed : counts.unsupported);
    counts.exported += result->exported;
    if (manifest && deviates(*manifest, name, result->outcome)) ++counts.deviating;
  }
  fmt::print(
      "{} cases: {} pass ({} of them after a round trip too), {} unsupported, {} fail, "
      "{} deviate from the manifest\n",
      cases.size(), counts.passed, counts.exported, counts.unsupported, counts.failed,
      counts.deviating);
  if (options.update) {
    const Result<void> written = write_manifest(outcomes, options.manifest);
    if (!written) fmt::print("{}\n", written.error().text());
    return counts.failed > 0 || !written;
  }
  return counts.failed + counts.deviating > 0;
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--update") {
      options.update = true;
    } else if (argument == "--only" && i + 1 < count) {
      options.only = arguments[++i];
    } else if (argument == "--exported" && i + 1 < count) {
      options.exported = arguments[++i];
    } else {
      options.manifest = argument;
    }
  }
  return options;
}

}  // namespace
}  // namespace nitro::conformance

int main(int count, char** arguments) {
  return nitro::conformance::run(nitro::conformance::parse(count, arguments));
}
