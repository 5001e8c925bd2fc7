# Warnings, hardening and sanitizers, the same for every target. Asio's switches are here too: they must be equal in all
# translation units (one definition rule).
add_library(postern_options INTERFACE)
target_compile_options(postern_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -fstack-protector-strong -fno-omit-frame-pointer)
target_include_directories(postern_options INTERFACE ${PROJECT_SOURCE_DIR})
target_link_options(postern_options INTERFACE -Wl,-z,relro -Wl,-z,now)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
  target_compile_definitions(postern_options INTERFACE _FORTIFY_SOURCE=2)
endif()

option(POSTERN_WERROR "treat warnings as errors" ON)
if(POSTERN_WERROR)
  target_compile_options(postern_options INTERFACE -Werror)
endif()

if(POSTERN_SANITIZE)
  target_compile_options(postern_options INTERFACE -fsanitize=${POSTERN_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(postern_options INTERFACE -fsanitize=${POSTERN_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
