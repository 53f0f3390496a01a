# keratin_folder(<folder> [LIBRARIES …]): one object library per folder of src, so that the tree's layers are the build's.
# What a folder may include is checked by tools/check_includes.py. Sources are globbed per folder: adding a file edits no list.
function(keratin_folder folder)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" target keratin_${folder})
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> PRIVATE ${PROJECT_SOURCE_DIR}/src
                                              ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(${target} PRIVATE keratin_warnings ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY KERATIN_OBJECTS $<TARGET_OBJECTS:${target}>)
endfunction()
