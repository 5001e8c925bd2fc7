# Everything from the distribution's packages; ./dev installs them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
# The text of metrics alone; what it would serve and send them with is not used.
find_package(prometheus-cpp CONFIG REQUIRED)
pkg_check_modules(YAML_CPP REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)
if(POSTERN_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
# The program's allocator. Sanitizers bring their own.
if(NOT POSTERN_SANITIZE)
  find_package(mimalloc REQUIRED)
endif()
