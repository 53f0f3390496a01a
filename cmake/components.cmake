# keratin_component(<name> FOLDER <src folder> | SOURCES <source> … ENTRY <function> [LIBRARIES …] [OBJECTS <target> …] [FIND …]
# [PKG_CONFIG …] [PKG_CONFIG_LIBS …]): a part of Keratin that an application may do without; its sources make the target keratin_<name>. ENTRY is a
# const void* (*)() in namespace keratin, as base/plugin.h wants it. A shared build makes the module libkeratin_<name>.so of it; a static one
# takes it into libkeratin.a and lists it in the generated linked_components.cpp. LIBRARIES are linked privately, OBJECTS are object
# libraries that belong to it, FIND is what an application of a static build has to find_dependency, PKG_CONFIG the same in pkg-config's
# names, PKG_CONFIG_LIBS what pkg-config has no name for. Either way there is a target keratin::<name> to link.
function(keratin_component name)
  cmake_parse_arguments(ARG "" "FOLDER;ENTRY" "SOURCES;LIBRARIES;OBJECTS;FIND;PKG_CONFIG;PKG_CONFIG_LIBS" ${ARGN})
  set(sources ${ARG_SOURCES})
  if(ARG_FOLDER)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER}/*.cpp)
  endif()
  set(objects)
  foreach(target ${ARG_OBJECTS})
    list(APPEND objects $<TARGET_OBJECTS:${target}>)
  endforeach()
  if(BUILD_SHARED_LIBS)
    set(entry ${CMAKE_CURRENT_BINARY_DIR}/${name}_library.cpp)
    file(CONFIGURE OUTPUT ${entry} @ONLY CONTENT [[
// Made by cmake/components.cmake: the entry of libkeratin_@name@.so.
#include "base/plugin.h"

namespace keratin {
const void* @ARG_ENTRY@();
}
KERATIN_COMPONENT_LIBRARY(&keratin::@ARG_ENTRY@);
]])
    add_library(keratin_${name} MODULE ${sources} ${entry} ${objects})
    target_include_directories(keratin_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(keratin_${name} PRIVATE keratin keratin_warnings ${ARG_OBJECTS} ${ARG_LIBRARIES})
    target_link_options(keratin_${name} PRIVATE LINKER:-z,defs)  # what libkeratin does not export is missed now, not when it is opened
    install(TARGETS keratin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  else()
    keratin_objects(keratin_${name} SOURCES ${sources} LIBRARIES ${ARG_OBJECTS} ${ARG_LIBRARIES})
    set_property(GLOBAL APPEND PROPERTY KERATIN_OBJECTS ${objects})
    set_property(GLOBAL APPEND PROPERTY KERATIN_COMPONENT_LIBRARIES ${ARG_LIBRARIES})
    set_property(GLOBAL APPEND_STRING PROPERTY KERATIN_COMPONENT_DECLARATIONS "const void* ${ARG_ENTRY}();\n")
    set_property(GLOBAL APPEND_STRING PROPERTY KERATIN_COMPONENT_ENTRIES "{\"${name}\", &${ARG_ENTRY}}, ")
    set_property(GLOBAL APPEND PROPERTY KERATIN_STATIC_PACKAGES ${ARG_PKG_CONFIG})
    set_property(GLOBAL APPEND PROPERTY KERATIN_STATIC_LIBS ${ARG_PKG_CONFIG_LIBS})
    if(ARG_FIND)
      set_property(GLOBAL APPEND_STRING PROPERTY KERATIN_STATIC_DEPENDENCIES "find_dependency(${ARG_FIND})\n  ")
    endif()
  endif()
  add_library(keratin_component_${name} INTERFACE)
  add_library(keratin::${name} ALIAS keratin_component_${name})
  target_link_libraries(keratin_component_${name} INTERFACE keratin)
  if(BUILD_SHARED_LIBS)
    add_dependencies(keratin_component_${name} keratin_${name})
  endif()
  set_target_properties(keratin_component_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS keratin_component_${name} EXPORT keratin-targets)
  set_property(GLOBAL APPEND PROPERTY KERATIN_COMPONENTS ${name})
endfunction()

# Writes the table of the components that a static build has linked; empty in a shared one.
function(keratin_write_linked_components file)
  get_property(declarations GLOBAL PROPERTY KERATIN_COMPONENT_DECLARATIONS)
  get_property(entries GLOBAL PROPERTY KERATIN_COMPONENT_ENTRIES)
  string(REGEX REPLACE ", $" "" entries "${entries}")
  if(entries)
    set(body "  static constexpr ComponentEntry kLinked[] = {${entries}};\n  return kLinked;")
  else()
    set(body "  return {};")
  endif()
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [[
// Made by cmake/components.cmake: the components that were linked with the core.
#include "api/linked_components.h"

namespace keratin {

@declarations@
std::span<const ComponentEntry> linked_components() {
@body@
}

}  // namespace keratin
]])
endfunction()
