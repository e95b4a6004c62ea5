#include "runner/registry.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "base/text.h"
#include "runner/find_python.h"

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
    RegisteredRunner{"ssh", "Nitro's own engine on a board, with --device ssh://user@host", "",
                     "name a board: --device ssh://user@host", true},
    RegisteredRunner{"trtexec", "TensorRT 8.0 to 10 by NVIDIA's trtexec, here or on a board", "",
                     "install TensorRT, or name a trtexec with NITRO_TRTEXEC", true},
};

const RegisteredRunner* find(std::string_view name) {
  for (const RegisteredRunner& runner : kRunners) {
    if (runner.name == name) return &runner;
  }
  return nullptr;
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
    if (!options.board.empty()) command.environment.emplace_back("NITRO_SSH", options.board);
    if (options.lock_clocks) command.environment.emplace_back("NITRO_LOCK_CLOCKS", "1");
    return command;
  }
  return python_command(find_python(options.python), runner->python_module,
                        TRY(find_package_folder()));
}

Result<Runner> start_runner(std::string_view name, const StartOptions& options) {
  if (!options.precision.empty() && find(name) != nullptr && !find(name)->has_precision) {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("the runner {} takes the precision of the model", name),
                          "leave --precision out, or choose --runner cuda or trtexec");
  }
  const Command command = TRY(command_for(name, options));
  Result<Runner> runner = Runner::start(std::string(name), command, options.patience);
  if (!runner && runner.error().hint.empty()) runner.error().hint = find(name)->hint;
  return runner;
}

}  // namespace nitro::runner
