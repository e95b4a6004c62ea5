#include "runner/registry.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "base/text.h"

namespace nitro::runner {
namespace {

constexpr std::array kRunners = {
    RegisteredRunner{"cuda", "Nitro's own engine for NVIDIA GPUs", "",
                     "an NVIDIA GPU with its driver, and NVRTC: pip install nvidia-cuda-nvrtc-cu12",
                     true},
    RegisteredRunner{"ort", "ONNX Runtime, CPU and CUDA", "nitro.runners.ort",
                     "pip install onnxruntime onnx numpy, or name a Python that has them with "
                     "--python or NITRO_PYTHON"},
    RegisteredRunner{"reference", "Nitro's own plain loops: slow, and the oracle of all others", "",
                     "build the whole of Nitro"},
};

std::filesystem::path executable() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

const RegisteredRunner* find(std::string_view name) {
  for (const RegisteredRunner& runner : kRunners) {
    if (runner.name == name) return &runner;
  }
  return nullptr;
}

/// A project root at or above the executable: the folder that holds python/nitro.
std::filesystem::path project_root() {
  std::error_code error;
  for (std::filesystem::path folder = executable().parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "python/nitro/runners/protocol.py", error)) return folder;
    if (folder == folder.root_path()) break;
  }
  return {};
}

Command python_command(const std::filesystem::path& python, std::string_view module,
                       const std::filesystem::path& package_folder) {
  const char* inherited = std::getenv("PYTHONPATH");
  const std::string search = inherited && *inherited
                                 ? fmt::format("{}:{}", package_folder.native(), inherited)
                                 : package_folder.native();
  return {{python.native(), "-m", std::string(module)}, {{"PYTHONPATH", search}}};
}

}  // namespace

std::span<const RegisteredRunner> registered_runners() { return kRunners; }

std::filesystem::path find_python(const std::filesystem::path& option) {
  if (!option.empty()) return option;
  if (const char* chosen = std::getenv("NITRO_PYTHON"); chosen && *chosen) return chosen;
  const std::filesystem::path root = project_root();
  const std::filesystem::path local = root / ".venv/bin/python";
  std::error_code error;
  if (!root.empty() && std::filesystem::exists(local, error)) return local;
  return "python3";
}

Result<std::filesystem::path> find_package_folder() {
  const std::filesystem::path root = project_root();
  if (root.empty()) {
    return fail_with_hint(ErrorCode::kEnvironment,
                          "the folder python/nitro is not at or above the nitro program",
                          "keep the program inside its source tree");
  }
  return root / "python";
}

Result<Command> command_for(std::string_view name, const StartOptions& options) {
  const RegisteredRunner* runner = find(name);
  if (!runner) {
    std::vector<std::string> names;
    for (const RegisteredRunner& row : kRunners) names.emplace_back(row.name);
    const std::string near = closest(name, names);
    return fail_with_hint(ErrorCode::kUsage, fmt::format("no runner is called '{}'", display(name)),
                          near.empty() ? fmt::format("runners: {}", fmt::join(names, ", "))
                                       : fmt::format("did you mean '{}'?", near));
  }
  if (runner->python_module.empty()) {
    // Named, since this executable may be a program that links Nitro and does not know "runner".
    const std::filesystem::path nitro = executable().parent_path() / "nitro";
    Command command{{nitro.native(), "runner", std::string(name)}};
    if (!options.precision.empty()) {
      command.environment.emplace_back("NITRO_CUDA_PRECISION", options.precision);
    }
    return command;
  }
  return python_command(find_python(options.python), runner->python_module,
                        TRY(find_package_folder()));
}

Result<Runner> start_runner(std::string_view name, const StartOptions& options) {
  if (!options.precision.empty() && find(name) != nullptr && !find(name)->has_precision) {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("the runner {} takes the precision of the model", name),
                          "leave --precision out, or choose --runner cuda");
  }
  const Command command = TRY(command_for(name, options));
  Result<Runner> runner = Runner::start(std::string(name), command, options.patience);
  if (!runner && runner.error().hint.empty()) runner.error().hint = find(name)->hint;
  return runner;
}

}  // namespace nitro::runner
