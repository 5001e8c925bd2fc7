#include "proxy/cli/run.hpp"

int main(int argc, char** argv) { return postern::cli::run(argc, argv); }
