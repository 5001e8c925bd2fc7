// A fuzz target without its fuzzer: every file of the folders and files named on the command line, once.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
        std::cerr << file << ": cannot be read\n";
        return false;
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i) {
        if (fs::is_regular_file(argv[i])) {
            if (!replay(argv[i])) return 1;
            ++count;
        } else {
            for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
                if (!entry.is_regular_file()) continue;
                if (!replay(entry.path())) return 1;
                ++count;
            }
        }
    }
    std::cout << count << " inputs replayed\n";
    // An empty corpus would pass for ever.
    return count == 0 ? 1 : 0;
}
