#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cuda/program.h"

namespace nitro::cuda {

/// Memory whose end (up to 15 bytes) borders on pages that cannot be touched, so that a kernel that
/// reads or writes past it dies. Fresh memory is all ones.
class GuardedMemory {
 public:
  explicit GuardedMemory(int64_t bytes);
  GuardedMemory(GuardedMemory&& other) noexcept;
  GuardedMemory& operator=(GuardedMemory&&) = delete;
  ~GuardedMemory();
  void* data() const { return data_; }

 private:
  void* pages_ = nullptr;
  size_t page_bytes_ = 0;
  void* data_ = nullptr;
};

/// Programs compiled for the processor by the C++ compiler in $CXX or g++, all at once because that
/// is what takes time. Their sources must begin with kernels/prelude.cuh and do without tensor
/// cores.
class EmulatedPrograms {
 public:
  static Result<EmulatedPrograms> compile(std::span<const Program> programs);
  EmulatedPrograms(EmulatedPrograms&&) noexcept;
  EmulatedPrograms& operator=(EmulatedPrograms&&) = delete;
  ~EmulatedPrograms();

  /// Runs program `i` once; kCheckFailed where threads wait for others that never come.
  Result<void> run(size_t i, std::span<void* const> arguments) const;
  size_t size() const;

 private:
  struct Loaded;
  explicit EmulatedPrograms(std::unique_ptr<Loaded> loaded);
  std::unique_ptr<Loaded> loaded_;
};

/// One step of a plan on the processor: `memory` holds the contents of each buffer. Compiles first.
Result<void> run_emulated(const Program& program, std::span<void* const> arguments);

}  // namespace nitro::cuda
