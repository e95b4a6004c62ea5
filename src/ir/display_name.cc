#include "ir/op.h"

namespace nitro {
namespace {

/// The word of `kind` in the list that belongs to its enum.
template <class Kind>
std::string word(Kind kind) {
  return std::string(enum_names(kind)[static_cast<size_t>(kind)]);
}

template <class OpT>
std::string name_of(const OpT&) {
  return std::string(OpT::kName);
}

std::string name_of(const Unary& op) { return word(op.kind); }
std::string name_of(const Activation& op) { return word(op.kind); }
std::string name_of(const Binary& op) {
  switch (op.kind) {
    case BinaryKind::kFmod:
      return "Mod";
    case BinaryKind::kShiftLeft:
    case BinaryKind::kShiftRight:
      return "BitShift";
    default:
      return word(op.kind);
  }
}
std::string name_of(const Reduce& op) { return "Reduce" + word(op.kind); }
std::string name_of(const Pool& op) { return word(op.kind) + "Pool"; }
std::string name_of(const Softmax& op) { return op.log ? "LogSoftmax" : "Softmax"; }
std::string name_of(const ArgReduce& op) { return op.largest ? "ArgMax" : "ArgMin"; }
std::string name_of(const Opaque& op) {
  return op.domain.empty() ? op.op_type : op.domain + "." + op.op_type;
}

}  // namespace

std::string display_name(const Op& op) {
  return std::visit([](const auto& known) { return name_of(known); }, op);
}

}  // namespace nitro
