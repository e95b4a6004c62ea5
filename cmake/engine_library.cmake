# libnitro_engine.so: the C interface of the CUDA engine (include/nitro/engine_c.h) with what it needs and
# nothing of ONNX. Its sources are compiled again, as position-independent code.
add_library(nitro_engine SHARED ${engine_sources} ${PROJECT_BINARY_DIR}/embedded/cuda_embedded.h)
add_dependencies(nitro_engine nitro_cuda)
target_include_directories(nitro_engine PUBLIC ${PROJECT_SOURCE_DIR}/include
  PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/embedded)
target_include_directories(nitro_engine SYSTEM PRIVATE ${NITRO_NVTX})
target_compile_options(nitro_engine PRIVATE ${NITRO_WARNINGS} -ffunction-sections)
target_link_libraries(nitro_engine PRIVATE fmt::fmt nlohmann_json::nlohmann_json Threads::Threads
  ${CMAKE_DL_LIBS})
target_link_options(nitro_engine PRIVATE -Wl,--gc-sections)
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")  # the sanitizers' functions come with the program
  target_link_options(nitro_engine PRIVATE -Wl,-z,defs)
endif()
set_target_properties(nitro_engine PROPERTIES CXX_VISIBILITY_PRESET hidden
  VISIBILITY_INLINES_HIDDEN ON)

add_executable(run_plan examples/run_plan.cc)
target_link_libraries(run_plan PRIVATE nitro_engine)
target_compile_options(run_plan PRIVATE ${NITRO_WARNINGS})
