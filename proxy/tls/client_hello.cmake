# A library of its own, without OpenSSL, so that the fuzzer and the tests need nothing else.
add_library(postern_client_hello client_hello.cpp server_name.cpp)
target_link_libraries(postern_client_hello PUBLIC postern_failure PRIVATE postern_options)
