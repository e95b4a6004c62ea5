#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nitro::cuda {

/// How many instructions of a kind a piece of code has.
struct InstructionMix {
  int64_t all = 0;
  int64_t multiply_adds = 0;       // of floating-point numbers: FFMA, and HFMA2 of two halves
  int64_t integer_multiplies = 0;  // XMAD, of which a product of 32 bits takes three
  int64_t local_memory = 0;        // LDL and STL: spilled registers
};

/// Of the machine code of compute capability 5.0 to 6.2, the loop with the most multiply-adds, the
/// loops inside of it included; nothing where no loop has any. Instructions are eight bytes, the
/// first of each four words says how the others are scheduled. NVIDIA describes no encoding:
/// opcodes are those that its disassembler and Gray's maxas show.
std::optional<InstructionMix> hottest_loop(std::string_view code);

}  // namespace nitro::cuda
