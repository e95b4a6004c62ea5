# Tests of the source tree itself: the order of layers, and headers that compile alone.
add_test(NAME layers COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/layers_test.py)

# A header compiles alone if the source of its name includes it first and has no precompiled headers.
# For each other header: a source that includes nothing else, built only by the test of the same name.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/src
  ${PROJECT_SOURCE_DIR}/src/*.h)
set(alone)
set(layers)
foreach(header ${headers})
  string(REGEX MATCH "^[^/]+" layer ${header})
  string(REGEX REPLACE "\\.h$" ".cc" own ${PROJECT_SOURCE_DIR}/src/${header})
  set(first "")
  if(EXISTS ${own} AND NOT own MATCHES "/testing\\.cc$")
    file(STRINGS ${own} first REGEX "^ *#" LIMIT_COUNT 1)
  endif()
  if(first STREQUAL "#include \"${header}\"")
    continue()
  endif()
  if(TARGET nitro_${layer})  # a layer without sources yet has no include folders either
    list(APPEND layers nitro_${layer})
    string(REPLACE "/" "_" flat ${header})
    set(source ${PROJECT_BINARY_DIR}/header_test/${flat}.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n" @ONLY)
    list(APPEND alone ${source})
  endif()
endforeach()
list(REMOVE_DUPLICATES layers)
add_library(nitro_header_test OBJECT EXCLUDE_FROM_ALL ${alone})
# Warnings are those of the sources that include the headers; only that it compiles matters here.
target_compile_options(nitro_header_test PRIVATE -O0 -w)
target_compile_definitions(nitro_header_test PRIVATE NITRO_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(nitro_header_test PRIVATE ${layers})
add_test(NAME headers COMMAND
  ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target nitro_header_test)
