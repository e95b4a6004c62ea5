#pragma once

#include <span>
#include <vector>

#include "ir/op.h"

namespace nitro {

using Types = std::vector<TensorType>;

/// Operand types of a node under inference, with guards that write the message themselves:
/// TRY(in.expect().count(2, 3).rank(0, 4).same_dtype(0, 1).done()).
class Operands {
 public:
  /// An absent optional operand is nullptr.
  Operands(std::string_view op, std::span<const TensorType* const> types)
      : op_(op), types_(types) {}

  size_t count() const { return types_.size(); }
  bool has(size_t i) const { return i < types_.size() && types_[i]; }
  const TensorType& operator[](size_t i) const { return *types_[i]; }
  std::string_view op() const { return op_; }

  class Guard {
   public:
    explicit Guard(const Operands& in) : in_(in) {}
    Guard& count(size_t least, size_t most);  // operands given; the first `least` present
    Guard& rank(size_t i, int64_t rank);      // exactly
    Guard& rank_at_least(size_t i, int64_t rank);
    Guard& same_dtype(size_t i, size_t j);
    Guard& floating(size_t i);
    Guard& dtype(size_t i, std::initializer_list<DType> allowed);
    Guard& shape(size_t i, const Shape& wanted);
    Guard& that(bool holds, std::string_view problem);  // anything else
    Result<void> done() { return std::move(result_); }

   private:
    void set(std::string problem);
    const Operands& in_;
    Result<void> result_;
  };
  Guard expect() const { return Guard(*this); }

 private:
  std::string_view op_;
  std::span<const TensorType* const> types_;
};

/// Types of the outputs of `op`, or kShapeMismatch. One explicit specialisation per op.
template <class OpT>
Result<Types> infer(const OpT& op, const Operands& in);

/// The same for any op; also checks the result with check_shape().
Result<Types> infer_types(const Op& op, std::span<const TensorType* const> operands);

}  // namespace nitro
