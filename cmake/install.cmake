# cmake --install: the library, its components, the public headers, a relocatable package for find_package and for pkg-config.
include(CMakePackageConfigHelpers)

get_property(keratin_components GLOBAL PROPERTY KERATIN_COMPONENTS)
get_property(keratin_static_dependencies GLOBAL PROPERTY KERATIN_STATIC_DEPENDENCIES)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/keratin)

install(TARGETS keratin EXPORT keratin-targets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                               ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/keratin ${PROJECT_BINARY_DIR}/include/keratin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.inl")
install(EXPORT keratin-targets NAMESPACE keratin:: DESTINATION ${package_folder})

configure_package_config_file(cmake/keratin-config.cmake.in ${PROJECT_BINARY_DIR}/keratin-config.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break code (CHANGELOG.md); the SOVERSION in src/CMakeLists.txt says the same.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/keratin-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/keratin-config.cmake ${PROJECT_BINARY_DIR}/keratin-config-version.cmake DESTINATION ${package_folder})

file(RELATIVE_PATH keratin_pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" keratin_pc_to_prefix ${keratin_pc_to_prefix})
if(NOT BUILD_SHARED_LIBS)
  get_property(packages GLOBAL PROPERTY KERATIN_STATIC_PACKAGES)
  list(JOIN packages " " packages)
  set(keratin_pc_requires "zlib ${packages}")
  get_property(libs GLOBAL PROPERTY KERATIN_STATIC_LIBS)
  list(JOIN libs " " libs)
  set(keratin_pc_libs "${libs} -pthread -ldl")
endif()
configure_file(cmake/keratin.pc.in ${PROJECT_BINARY_DIR}/keratin.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/keratin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
