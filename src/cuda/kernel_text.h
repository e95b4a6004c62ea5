#pragma once

#include <string>
#include <string_view>

#include "plan/plan.h"

namespace nitro::cuda {

/// The type of an element in device code (kernels/prelude.cuh).
std::string_view element_type(DType dtype);

/// "const f16* p0, const int* p1, f16* p2": the parameters of a kernel, its reads and then its writes.
/// Nothing is __restrict__: that would allow loads before wait_for_previous().
std::string parameters(const plan::Plan& plan, const plan::Kernel& kernel);

/// "p3": the parameter that a buffer is, "nullptr" for an absent one. Of a buffer that is read more
/// than once, the first.
std::string parameter(const plan::Kernel& kernel, plan::BufferId buffer);
/// The parameter of a buffer that the kernel writes.
std::string written_parameter(const plan::Kernel& kernel, plan::BufferId buffer);

/// A float literal that reads back as the nearest float: "0.125f".
std::string literal(double value);

}  // namespace nitro::cuda
