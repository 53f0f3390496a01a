# The elementwise programs that are compiled ahead of time, for every instruction set, from a table that the build makes: the steps of
# built-in models are planned by keratin_generate_programs, which is linked from all of the library but these programs.
#
# A cross build runs the generator by CMAKE_CROSSCOMPILING_EMULATOR; without one, give it the table of a native build by a compiler of
# the same family (another table costs speed, not correctness).
set(KERATIN_PROGRAM_TABLE "" CACHE FILEPATH "program_table.h of another build, instead of generating it")
set(table ${PROJECT_BINARY_DIR}/include/simd/program_table.h)
if(KERATIN_PROGRAM_TABLE)
  configure_file(${KERATIN_PROGRAM_TABLE} ${table} COPYONLY)
  add_custom_target(keratin_program_table)
else()
  keratin_write_linked_components(${CMAKE_CURRENT_BINARY_DIR}/no_components.cpp)  # none is known yet
  get_property(objects GLOBAL PROPERTY KERATIN_OBJECTS)
  add_executable(keratin_generate_programs ${PROJECT_SOURCE_DIR}/tools/generate_programs.cpp ${objects}
                                           ${CMAKE_CURRENT_BINARY_DIR}/no_components.cpp)
  target_include_directories(keratin_generate_programs PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
                                                               ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(keratin_generate_programs PRIVATE keratin_warnings ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
  set_target_properties(keratin_generate_programs PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/simd)
  add_custom_command(OUTPUT program_table.stamp BYPRODUCTS ${table} DEPENDS keratin_generate_programs
                     COMMAND keratin_generate_programs ${table}
                     COMMAND ${CMAKE_COMMAND} -E touch program_table.stamp VERBATIM
                     COMMENT "Generating the table of compiled programs")
  add_custom_target(keratin_program_table DEPENDS program_table.stamp)
endif()

foreach(set baseline ${instruction_sets})
  keratin_objects(keratin_programs_${set} SOURCES simd/sets/compiled_programs.cpp)
  target_compile_definitions(keratin_programs_${set} PRIVATE KERATIN_INSTRUCTION_SET=${set})
  target_compile_options(keratin_programs_${set} PRIVATE ${${set}_options})
  add_dependencies(keratin_programs_${set} keratin_program_table)
endforeach()
keratin_objects(keratin_programs SOURCES simd/compiled_program.cpp)
add_dependencies(keratin_programs keratin_program_table)
