#include "ir/parse_constant.h"

#include <charconv>

namespace nitro {
namespace {

template <class T>
Result<std::vector<T>> parse_list(Scanner& scanner) {
  std::vector<T> elements;
  while (!scanner.accept("}")) {
    if (!elements.empty()) TRY(scanner.expect(","));
    if constexpr (std::is_same_v<T, int64_t>) {
      elements.push_back(TRY(scanner.integer()));
    } else {
      elements.push_back(TRY(scanner.number()));
    }
  }
  return elements;
}

/// Whether each of `elements` is a value of integer (or bool) type `dtype`.
bool all_fit(const std::vector<int64_t>& elements, DType dtype) {
  return dispatch(dtype, [&]<class Storage>(std::type_identity<Storage>) {
    for (int64_t element : elements) {
      if constexpr (std::is_integral_v<Storage>) {
        if (!std::in_range<Storage>(element)) return false;
      }
    }
    return true;
  });
}

template <class T>
Result<Tensor> tensor_of_list(Scanner& scanner, TensorType type) {
  const std::vector<T> elements = TRY(parse_list<T>(scanner));
  if (static_cast<int64_t>(elements.size()) != type.elements()) {
    return scanner.bad(fmt::format("{} has {} elements, the list has {}", text(type),
                                   type.elements(), elements.size()));
  }
  if constexpr (std::is_same_v<T, int64_t>) {
    if (!all_fit(elements, type.dtype)) {
      return scanner.bad(fmt::format("an element is out of range for {}", name(type.dtype)));
    }
  }
  return Tensor::of<T>(type.dtype, std::move(type.shape), elements);
}

Result<Tensor> tensor_of_hex(Scanner& scanner, TensorType type) {
  const std::string_view digits = scanner.hex_digits();
  if (digits.size() % 2 != 0 || static_cast<int64_t>(digits.size() / 2) != type.bytes()) {
    return scanner.bad(fmt::format("{} needs {} bytes of two hex digits, the text has {} digits",
                                   text(type), type.bytes(), digits.size()));
  }
  Tensor tensor(std::move(type));
  for (size_t i = 0; i < digits.size() / 2; ++i) {
    uint8_t byte = 0;
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, byte, 16);
    tensor.mutable_bytes()[i] = std::byte{byte};
  }
  return tensor;
}

}  // namespace

Result<Tensor> parse_constant(Scanner& scanner, TensorType type) {
  if (scanner.accept("...")) return scanner.bad("the elements of this constant were left out");
  if (scanner.accept("0x")) return tensor_of_hex(scanner, std::move(type));
  if (!scanner.accept("{")) return scanner.expected("'{' or 0x and the elements");
  return is_float(type.dtype) ? tensor_of_list<double>(scanner, std::move(type))
                              : tensor_of_list<int64_t>(scanner, std::move(type));
}

}  // namespace nitro
