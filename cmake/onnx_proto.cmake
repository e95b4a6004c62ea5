# Compiles the ONNX schema of the Python package `onnx` in .venv, with the lite runtime.
file(GLOB onnx_folders ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/onnx)
find_file(NITRO_ONNX_PROTO onnx-ml.proto PATHS ${onnx_folders}
  NO_DEFAULT_PATH REQUIRED DOC "onnx-ml.proto; run scripts/bootstrap.sh first")

set(proto_dir ${PROJECT_BINARY_DIR}/onnx_proto)
set(proto_source "")
file(READ ${NITRO_ONNX_PROTO} proto_source)
string(REPLACE "package onnx;" "package onnx;\noption optimize_for = LITE_RUNTIME;" proto_source
  "${proto_source}")
string(REGEX REPLACE "\noption optimize_for = LITE_RUNTIME;\n(.*)\noption optimize_for = LITE_RUNTIME;"
  "\noption optimize_for = LITE_RUNTIME;\n\\1\n" proto_source "${proto_source}")
file(CONFIGURE OUTPUT ${proto_dir}/onnx-ml.proto CONTENT "${proto_source}" @ONLY)

add_custom_command(
  OUTPUT ${proto_dir}/onnx-ml.pb.cc ${proto_dir}/onnx-ml.pb.h
  COMMAND protobuf::protoc --cpp_out=${proto_dir} --proto_path=${proto_dir} onnx-ml.proto
  DEPENDS ${proto_dir}/onnx-ml.proto)
add_library(nitro_onnx_proto STATIC ${proto_dir}/onnx-ml.pb.cc ${proto_dir}/onnx-ml.pb.h)
target_include_directories(nitro_onnx_proto SYSTEM PUBLIC ${proto_dir})
target_link_libraries(nitro_onnx_proto PUBLIC protobuf::libprotobuf-lite)
