#include <algorithm>

#include "ir/infer.h"

namespace nitro {
namespace {

std::string describe(const Operands& in) {
  std::string types;
  for (size_t i = 0; i < in.count(); ++i) {
    if (i > 0) types += ", ";
    types += in.has(i) ? text(in[i]) : "absent";
  }
  return types;
}

}  // namespace

void Operands::Guard::set(std::string problem) {
  if (!result_) return;
  result_ = fail(ErrorCode::kShapeMismatch, "{}({}): {}", in_.op(), describe(in_), problem);
}

Operands::Guard& Operands::Guard::count(size_t least, size_t most) {
  if (in_.count() > most) set(fmt::format("takes at most {} operands", most));
  for (size_t i = 0; i < least; ++i) {
    if (!in_.has(i)) set(fmt::format("operand {} is missing", i));
  }
  return *this;
}

Operands::Guard& Operands::Guard::rank(size_t i, int64_t rank) {
  if (result_ && in_.has(i) && in_[i].rank() != rank)
    set(fmt::format("operand {} must have rank {}", i, rank));
  return *this;
}

Operands::Guard& Operands::Guard::rank_at_least(size_t i, int64_t rank) {
  if (result_ && in_.has(i) && in_[i].rank() < rank) {
    set(fmt::format("operand {} must have at least rank {}", i, rank));
  }
  return *this;
}

Operands::Guard& Operands::Guard::same_dtype(size_t i, size_t j) {
  if (result_ && in_.has(i) && in_.has(j) && in_[i].dtype != in_[j].dtype) {
    set(fmt::format("operands {} and {} must have one dtype", i, j));
  }
  return *this;
}

Operands::Guard& Operands::Guard::floating(size_t i) {
  if (result_ && in_.has(i) && !is_float(in_[i].dtype))
    set(fmt::format("operand {} must be floating point", i));
  return *this;
}

Operands::Guard& Operands::Guard::dtype(size_t i, std::initializer_list<DType> allowed) {
  if (result_ && in_.has(i) && std::ranges::find(allowed, in_[i].dtype) == allowed.end()) {
    set(fmt::format("operand {} has an unsupported dtype", i));
  }
  return *this;
}

Operands::Guard& Operands::Guard::shape(size_t i, const Shape& wanted) {
  if (result_ && in_.has(i) && in_[i].shape != wanted) {
    set(fmt::format("operand {} must have shape {}", i, text(wanted)));
  }
  return *this;
}

Operands::Guard& Operands::Guard::that(bool holds, std::string_view problem) {
  if (!holds) set(std::string(problem));
  return *this;
}

Result<Types> infer_types(const Op& op, std::span<const TensorType* const> operands) {
  const Operands in(std::visit([](const auto& known) { return known.kName; }, op), operands);
  Types types = TRY(std::visit([&](const auto& known) { return infer(known, in); }, op));
  for (const TensorType& type : types) TRY(check_shape(type.shape, type.dtype));
  return types;
}

}  // namespace nitro
