# The trained parameters of src/zoo/weights/ as part of the program, so that it finds them wherever it
# is: the assembler includes the files, which as C++ constants would take minutes to compile.
file(GLOB weights CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/zoo/weights/*.safetensors)
set(assembly "")
set(rows "")
foreach(file ${weights})
  get_filename_component(model ${file} NAME_WE)
  string(MAKE_C_IDENTIFIER ${model} symbol)
  string(APPEND assembly "asm(\".pushsection .rodata\\n\"\n    \"nitro_${symbol}: .incbin \\\"${file}\\\"\\n\"\n"
    "    \"nitro_${symbol}_end:\\n\"\n    \".popsection\");\n"
    "extern const char ${symbol}[] asm(\"nitro_${symbol}\");\n"
    "extern const char ${symbol}_end[] asm(\"nitro_${symbol}_end\");\n")
  string(APPEND rows "  if (model == \"${model}\") return std::string_view(${symbol}, ${symbol}_end);\n")
endforeach()
set(source ${PROJECT_BINARY_DIR}/shipped_weights.cc)
file(CONFIGURE OUTPUT ${source} CONTENT "#include \"zoo/weights.h\"
${assembly}
namespace nitro::zoo {
std::optional<std::string_view> shipped_weights([[maybe_unused]] std::string_view model) {
${rows}  return std::nullopt;
}
}  // namespace nitro::zoo
" @ONLY)
set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${weights}")
target_sources(nitro_zoo PRIVATE ${source})
