# What executes plans, of base, ir, plan and cuda; nothing of ONNX.
file(GLOB engine_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/base/*.cc
  ${PROJECT_SOURCE_DIR}/src/cuda/*.cc)
list(FILTER engine_sources EXCLUDE REGEX "(_test|/testing)\\.cc$")
foreach(source ir/common_module ir/dtype ir/shape ir/tensor plan/check_read_kernel plan/check_read_plan plan/kernel_json
    plan/arena plan/plan plan/plan_file plan/plan_json plan/verify_kernel plan/verify_plan)
  list(APPEND engine_sources ${PROJECT_SOURCE_DIR}/src/${source}.cc)
endforeach()
file(GLOB engine_embedded CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} src/cuda/kernels/*.cuh)
list(APPEND engine_embedded src/cuda/tuned/h100.json)
