# nitro-agent alone, of headers and what the compiler brings: where it runs there is nothing else.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/headers)
foreach(header fmt/format.h nlohmann/json.hpp)
  # Not the folder that they stand in, which has the headers of this system's C library, too.
  get_filename_component(library ${header} DIRECTORY)
  find_path(NITRO_${library}_PARENT ${header} REQUIRED)
  file(CREATE_LINK ${NITRO_${library}_PARENT}/${library} ${PROJECT_BINARY_DIR}/headers/${library}
    SYMBOLIC)
endforeach()
set(CMAKE_CXX_COMPILER_LAUNCHER)  # ccache takes `zig c++` for two files; zig has a cache of its own
include(cmake/nvtx.cmake)
include(cmake/embed.cmake)
include(cmake/engine_sources.cmake)

list(FILTER engine_sources EXCLUDE REGEX "/(engine_c|tune|sample_[a-z]+)\\.cc$")
add_library(nitro_cuda OBJECT ${engine_sources})
nitro_embed(cuda ${engine_embedded})
target_include_directories(nitro_cuda PUBLIC src include PRIVATE ${PROJECT_BINARY_DIR}/embedded)
target_include_directories(nitro_cuda SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/headers ${NITRO_NVTX})
target_compile_options(nitro_cuda PUBLIC -ffunction-sections)
target_link_options(nitro_cuda PUBLIC -Wl,--gc-sections -s)
target_precompile_headers(nitro_cuda PRIVATE <fmt/format.h> <algorithm> <array> <filesystem>
  <functional> <map> <memory> <optional> <span> <string> <variant> <vector>)

set(sources src/agent/fmt.cc src/agent/main.cc src/measure/median.cc src/measure/power_sampler.cc src/measure/warm_up.cc)
foreach(source board_files board_gaps board_power board_record clock_files clock_setter clocks cuda_model cuda_profile
    cuda_runner fields find_python machine_record npy npy_header power_modes privileged_file python_packages sampling
    served_time server spawn subprocess tegrastats trtexec_engine trtexec_program trtexec_profiling trtexec_runner
    trtexec_turns wanted_precision)
  list(APPEND sources src/runner/${source}.cc)
endforeach()
foreach(source lenient_json trtexec_layers trtexec_log trtexec_output trtexec_profile trtexec_times)
  list(APPEND sources src/trace/${source}.cc)
endforeach()
add_executable(nitro_agent ${sources})
target_link_libraries(nitro_agent PRIVATE nitro_cuda)
target_precompile_headers(nitro_agent REUSE_FROM nitro_cuda)
set_target_properties(nitro_agent PROPERTIES OUTPUT_NAME nitro-agent)
