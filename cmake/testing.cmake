# What tests are made with.

# keratin_tests(<folder>): one GoogleTest executable from tests/<folder>/*_test.cpp, which mirrors src/<folder>.
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(GoogleTest)

function(keratin_tests folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*_test.cpp)
  if(NOT sources)
    message(FATAL_ERROR "keratin_tests: expected *_test.cpp in ${CMAKE_CURRENT_SOURCE_DIR}/${folder}, got none")
  endif()
  string(REPLACE "/" "_" name ${folder})
  set(target test_${name})
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE keratin keratin_test_support keratin_warnings GTest::gmock GTest::gtest_main)
  target_precompile_headers(${target} REUSE_FROM keratin_test_support)
  gtest_discover_tests(${target} TEST_PREFIX "${folder}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# keratin_skip(<name> <reason>): a test that cannot run here and says so. scripts/test.sh counts it as a failure in CI.
function(keratin_skip name reason)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${reason}")
  set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()

# keratin_python_test(<name> <environment> <script> [<argument> …]): a Python script that needs the packages of build/python/<environment>.
function(keratin_python_test name environment)
  add_test(NAME ${name} COMMAND bash ${PROJECT_SOURCE_DIR}/tests/support/with_python.sh ${environment} ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()
