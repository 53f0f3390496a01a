# Dependencies are found, never downloaded. The core needs Eigen, zlib and nlohmann-json, all private.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)  # a project that includes this one links them too
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
find_package(Threads REQUIRED)
