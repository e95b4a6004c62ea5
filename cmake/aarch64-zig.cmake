# Compiles for aarch64 Linux with glibc 2.27 or newer (JetPack 4.6) by the Python package `ziglang` in
# .venv, which brings clang, its C++ library and the symbols of each glibc.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(zig_root ${CMAKE_CURRENT_LIST_DIR}/..)
file(GLOB zig ${zig_root}/.venv/lib/python3*/site-packages/ziglang/zig)
if(NOT zig)
  message(FATAL_ERROR "no ziglang in .venv: run scripts/bootstrap.sh agent first")
endif()
set(CMAKE_C_COMPILER ${zig} cc -target aarch64-linux-gnu.2.27)
set(CMAKE_CXX_COMPILER ${zig} c++ -target aarch64-linux-gnu.2.27)
