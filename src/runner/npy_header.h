#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "ir/shape.h"

namespace nitro::runner {

/// The Python dictionary at the head of a .npy file.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  Shape shape;
};

/// Parses exactly the three keys, in any order. Fails with kBadFile.
Result<NpyHeader> parse_npy_header(std::string_view text);

}  // namespace nitro::runner
