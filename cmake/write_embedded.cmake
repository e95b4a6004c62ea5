# Writes the FILES as character arrays into HEADER. Read as hexadecimal digits, because CMake's strings
# give `;`, `[` and `]` a meaning of their own.
set(text "#pragma once\n#include <string_view>\nnamespace nitro::embedded {\n")
foreach(path IN LISTS FILES)
  get_filename_component(file_name ${path} NAME)
  string(MAKE_C_IDENTIFIER ${file_name} symbol)
  file(READ ${path} content HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," content "${content}")
  string(APPEND text "inline constexpr char ${symbol}_bytes[] = {${content}};\n"
    "inline constexpr std::string_view ${symbol}(${symbol}_bytes, sizeof ${symbol}_bytes);\n")
endforeach()
string(APPEND text "}  // namespace nitro::embedded\n")
file(WRITE ${HEADER} "${text}")
