# keratin_objects(<target> SOURCES <source> … [LIBRARIES …]): an object library that belongs to libkeratin.
function(keratin_objects target)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${target} OBJECT ${ARG_SOURCES})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> PRIVATE ${PROJECT_SOURCE_DIR}/src
                                              ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(${target} PRIVATE keratin_warnings ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY KERATIN_OBJECTS $<TARGET_OBJECTS:${target}>)
endfunction()

# keratin_folder(<folder> [LIBRARIES …] [WITHOUT <source> …]): one object library per folder of src, so that the tree's layers are the
# build's. What a folder may include is checked by tools/check_includes.py. Sources are globbed per folder: adding a file edits no list.
function(keratin_folder folder)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;WITHOUT" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  list(TRANSFORM ARG_WITHOUT PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/)
  list(REMOVE_ITEM sources "" ${ARG_WITHOUT})
  if(sources)
    string(REPLACE "/" "_" target keratin_${folder})
    keratin_objects(${target} SOURCES ${sources} LIBRARIES ${ARG_LIBRARIES})
  endif()
endfunction()
