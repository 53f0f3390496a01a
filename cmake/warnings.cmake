# Warnings every target of this project is compiled with.
add_library(keratin_warnings INTERFACE)
set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual)
target_compile_options(keratin_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>"
                                                  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wno-array-bounds>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these two on inlined std::vector and std::string code under -O2.
  target_compile_options(keratin_warnings INTERFACE
                         "$<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-restrict>")
  # And of this one on std::optional under -O3; -O2, which the tests are built with, keeps it.
  target_compile_options(keratin_warnings INTERFACE $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>)
endif()
if(KERATIN_WARNINGS_AS_ERRORS)
  target_compile_options(keratin_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
