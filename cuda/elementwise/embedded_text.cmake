# Writes a .cpp that defines functions_text (embedded_text.h): files one after another, each #include "…" replaced by that file's text.
#   cmake -DFILES=a.cuh,b.cuh -DFOLDER=<where includes are> -DTO=<out.cpp> -P embedded_text.cmake
set(text "")
string(REPLACE "," ";" files "${FILES}")
foreach(file ${files})
  file(READ ${file} more)
  string(APPEND text "${more}")
endforeach()
while(text MATCHES "#include \"([^\"\n]+)\"")
  set(line "${CMAKE_MATCH_0}")
  file(READ ${FOLDER}/${CMAKE_MATCH_1} more)
  string(REPLACE "${line}" "${more}" text "${text}")
endwhile()
string(REPLACE "#pragma once\n" "" text "${text}")  # a text is no header
file(WRITE ${TO} "// Made by embedded_text.cmake.\n#include \"cuda/elementwise/embedded_text.h\"\n\nnamespace keratin::cuda {\n\n"
                 "constinit const std::string_view functions_text = R\"keratin(${text})keratin\";\n\n}  // namespace keratin::cuda\n")
