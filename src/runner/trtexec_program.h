#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/trtexec_log.h"

namespace nitro::runner {

/// NVIDIA's trtexec on this machine.
struct TrtexecProgram {
  std::filesystem::path path;
  trace::TensorrtVersion version;
};

/// Oldest that is known, and the first that is not: its engines have no precision to choose.
inline constexpr trace::TensorrtVersion kFirstTensorrt{8, 0, 0};
inline constexpr trace::TensorrtVersion kUnknownTensorrt{11, 0, 0};

/// $NITRO_TRTEXEC, the one in $PATH, or that of JetPack. Fails with kEnvironment where there is
/// none or its version is not known.
Result<TrtexecProgram> find_trtexec();

/// What happens while trtexec runs.
struct TrtexecWatch {
  std::function<void(std::string_view line)> line = [](std::string_view) {};
  /// Asked some times in a second; trtexec is killed once it is false.
  std::function<bool()> go_on = [] { return true; };
};

/// Runs it in `folder` until it ends; what it printed. Fails with what its errors say, and with
/// kInterrupted where it was not to go on.
Result<std::string> run_trtexec(const TrtexecProgram& program,
                                const std::vector<std::string>& flags,
                                const std::filesystem::path& folder,
                                const TrtexecWatch& watch = {});

}  // namespace nitro::runner
