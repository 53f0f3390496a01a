# keratin_onnx_schema: the official ONNX schema for protobuf-lite, compiled privately. Its package is renamed, which changes nothing on
# the wire but keeps our symbols apart from those of another copy in the same process.
find_package(Protobuf 3.12 QUIET)
find_path(ONNX_PROTO_FOLDER onnx/onnx.proto)
if(NOT TARGET protobuf::libprotobuf-lite OR NOT TARGET protobuf::protoc OR NOT ONNX_PROTO_FOLDER)
  message(STATUS "Keratin: no onnx component, for want of libprotobuf-dev, protobuf-compiler or libonnx-dev")
  set(KERATIN_ONNX OFF)
  return()
endif()

set(schema_folder ${PROJECT_BINARY_DIR}/onnx_schema)
file(READ ${ONNX_PROTO_FOLDER}/onnx/onnx.proto schema)
string(REPLACE "package onnx;" "package keratin.onnx_ir;" schema "${schema}")
string(REGEX REPLACE "\noption optimize_for[^;]*;" "" schema "${schema}")
file(CONFIGURE OUTPUT ${schema_folder}/keratin_onnx.proto @ONLY CONTENT "${schema}\noption optimize_for = LITE_RUNTIME;\n")
add_custom_command(OUTPUT ${schema_folder}/keratin_onnx.pb.cc ${schema_folder}/keratin_onnx.pb.h
                   COMMAND protobuf::protoc --proto_path=${schema_folder} --cpp_out=${schema_folder} keratin_onnx.proto
                   DEPENDS ${schema_folder}/keratin_onnx.proto VERBATIM)
add_library(keratin_onnx_schema OBJECT ${schema_folder}/keratin_onnx.pb.cc)
target_include_directories(keratin_onnx_schema SYSTEM PUBLIC $<BUILD_INTERFACE:${schema_folder}>)
target_link_libraries(keratin_onnx_schema PUBLIC protobuf::libprotobuf-lite)
