postern_test(client_hello_test
  SOURCES client_hello_test.cpp client_hello_clients_test.cpp client_hello_refusals_test.cpp server_name_test.cpp
  LIBS postern_client_hello)
# What real clients sent: the seeds of the fuzzer.
target_compile_definitions(client_hello_test PRIVATE HELLOS="${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/client_hello/")
