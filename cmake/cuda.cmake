# The CUDA language, for cuda/ alone. CMake 3.25 does not know that nvcc has C++20.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 90 CACHE STRING "What CUDA kernels are compiled for: 90 is sm_90, and its PTX for what comes later")
endif()
if(NOT DEFINED CMAKE_CUDA_HOST_COMPILER AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(KERATIN_CUDA_HOST_COMPILER NAMES g++ REQUIRED)  # clang 14 fails on C++20 in .cu files
  set(CMAKE_CUDA_HOST_COMPILER ${KERATIN_CUDA_HOST_COMPILER})
endif()
include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(FATAL_ERROR "KERATIN_CUDA: expected nvcc, got none; put the CUDA toolkit's bin folder into PATH, set CMAKE_CUDA_COMPILER, or set "
                      "KERATIN_CUDA=OFF")
endif()
if(CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
endif()
enable_language(CUDA)
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")

# Header and library from one root, nvcc's: a toolkit and the folders of Python wheels may both be there.
get_filename_component(KERATIN_CUDA_ROOT ${CMAKE_CUDA_COMPILER} REALPATH)
get_filename_component(KERATIN_CUDA_ROOT ${KERATIN_CUDA_ROOT}/../.. ABSOLUTE)
find_path(KERATIN_CUDA_INCLUDE cuda_runtime_api.h PATHS ${KERATIN_CUDA_ROOT}/include NO_DEFAULT_PATH REQUIRED)
find_library(KERATIN_CUDART cudart_static PATHS ${KERATIN_CUDA_ROOT}/lib64 ${KERATIN_CUDA_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
