// Imports every model of a generated corpus, and mutations of small models, each in a child
// process.
//
//   nitro_malformed_test PYTHON SCRIPT [ONLY]
//
// The script writes the corpus into a scratch folder. Exit 77: the interpreter lacks onnx.

#include <sys/wait.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "import_in_child.h"
#include "mutations.h"

namespace nitro::malformed {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;

/// What is wrong with the outcome of importing `model`; "" if nothing is.
std::string complaint(const Json& expected, const ChildOutcome& outcome) {
  if (!outcome.died.empty()) return outcome.died;
  if (expected.at("loads").as_bool()) {
    return outcome.exit_code == 0 ? "" : "should load: " + outcome.text;
  }
  if (outcome.exit_code == 0) return "should be refused";
  if (std::string broken = broken_promise(outcome.exit_code, outcome.text); !broken.empty()) {
    return broken;
  }
  for (const Json& part : expected.at("contains").items()) {
    if (!outcome.text.contains(part.as_string())) {
      return fmt::format("does not say '{}': {}", part.as_string(), outcome.text);
    }
  }
  return "";
}

Result<int> count_complaints(const fs::path& models, const std::string& only) {
  const Json expected = TRY(Json::parse(TRY(read_file(models / "expected.json"))));
  int complaints = 0;
  for (const Json& entry : expected.items()) {
    const std::string& file = entry.at("file").as_string();
    if (!file.contains(only)) continue;
    const std::string wrong = complaint(entry, import_in_child(models / file));
    if (wrong.empty()) continue;
    fmt::print("{}: {}\n", file, wrong);
    ++complaints;
  }
  fmt::print("{} models, {} not as expected\n", expected.size(), complaints);
  return complaints;
}

Result<int> count_broken_mutants(const fs::path& models, const std::string& only) {
  int broken = 0;
  int64_t total = 0;
  std::vector<fs::path> bases;
  for (const auto& entry : fs::directory_iterator(models / "base")) bases.push_back(entry.path());
  std::ranges::sort(bases);
  for (size_t i = 0; i < bases.size(); ++i) {
    const fs::path& base = bases[i];
    if (!base.string().contains(only)) continue;
    const MutationReport report =
        import_mutants(TRY(read_file(base)), TRY(read_file(bases[(i + 1) % bases.size()])));
    total += report.mutants;
    for (const std::string& line : report.broken) {
      fmt::print("{}: {}\n", base.filename().string(), line);
      ++broken;
    }
  }
  fmt::print("{} mutants of {} models, {} broken\n", total, bases.size(), broken);
  return broken;
}

Result<int> run(const std::string& python, const std::string& script, const std::string& only) {
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-malformed"));
  const std::string command = fmt::format("'{}' -c 'import onnx, numpy' && '{}' -B '{}' '{}'",
                                          python, python, script, scratch.path().string());
  const int status = std::system(command.c_str());
  if (status != 0) {
    fmt::print("skipped: the corpus cannot be made without the Python package onnx\n");
    return kSkipped;
  }
  const fs::path models = scratch.path() / "models";
  const int complaints = TRY(count_complaints(models, only));
  const int broken = TRY(count_broken_mutants(models, only));
  return complaints + broken > 0 ? 1 : 0;
}

}  // namespace
}  // namespace nitro::malformed

int main(int count, char** arguments) {
  if (count < 3) return 2;
  const auto result =
      nitro::malformed::run(arguments[1], arguments[2], count > 3 ? arguments[3] : "");
  if (!result) fmt::print("{}\n", result.error().text());
  return result ? *result : 1;
}
