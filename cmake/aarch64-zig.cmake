# Compiles for aarch64 Linux with glibc 2.27 or newer (JetPack 4.6) by the Python package `ziglang` in
# .venv, which brings clang, its C++ library and the symbols of each glibc.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
# The first link of a kind takes most of a minute, in which the C++ library is compiled: none to try out.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
file(GLOB zig ${CMAKE_CURRENT_LIST_DIR}/../.venv/lib/python3*/site-packages/ziglang/zig)
if(NOT zig)
  message(FATAL_ERROR "no ziglang in .venv: run scripts/bootstrap.sh agent first")
endif()
list(GET zig 0 zig)
set(CMAKE_CXX_COMPILER ${zig} c++ -target aarch64-linux-gnu.2.27)
