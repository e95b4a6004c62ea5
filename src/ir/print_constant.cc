#include "ir/print_constant.h"

#include <cstring>

#include "base/text.h"
#include "ir/print_field.h"

namespace nitro {
namespace {

template <class Storage>
std::string print_element(Storage element) {
  if constexpr (std::is_integral_v<Storage>) {
    return std::to_string(element);
  } else if constexpr (std::is_same_v<Storage, double>) {
    return print_number(element);
  } else {
    return print_number(Tensor::convert<float>(element));
  }
}

/// Whether `text`, read as double, becomes the very bytes of `element`.
template <class Storage>
bool reads_back(const std::string& text, Storage element) {
  if constexpr (std::is_integral_v<Storage>) return true;
  double number = 0;
  if (!parse_number(text, number)) return false;
  const auto read = Tensor::convert<Storage>(number);
  return std::memcmp(&read, &element, sizeof(Storage)) == 0;
}

/// "" where the decimals would not read back.
template <class Storage>
std::string print_list(std::span<const Storage> elements) {
  std::string list = "{";
  for (const Storage element : elements) {
    const std::string text = print_element(element);
    if (!reads_back(text, element)) return {};
    if (list.size() > 1) list += ", ";
    list += text;
  }
  return list + "}";
}

std::string print_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  text.reserve(2 + 2 * bytes.size());
  for (std::byte byte : bytes) {
    text += kDigits[std::to_integer<size_t>(byte >> 4)];
    text += kDigits[std::to_integer<size_t>(byte & std::byte{15})];
  }
  return text;
}

}  // namespace

std::string print_constant(const Tensor& tensor) {
  if (tensor.elements() > kMaxListedElements) return print_hex(tensor.bytes());
  const std::string list =
      dispatch(tensor.dtype(), [&]<class Storage>(std::type_identity<Storage>) {
        return print_list(tensor.data<Storage>());
      });
  return list.empty() ? print_hex(tensor.bytes()) : list;
}

}  // namespace nitro
