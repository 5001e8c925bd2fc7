#include "proxy/allocator.hpp"
#include "proxy/cli/run.hpp"

int main(int argc, char** argv) {
    postern::keep_free_memory_for_a_second();
    return postern::cli::run(argc, argv);
}
