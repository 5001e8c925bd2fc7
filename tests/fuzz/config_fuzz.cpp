#include "config/document.hpp"
#include "config/summary.hpp"

// Any text is either a configuration or has a problem; nothing is thrown, and each problem can be printed.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, unsigned long size) {
    const auto doc = postern::config::parse({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
    unsigned long printed = postern::config::summary(doc.settings).size();
    for (const auto& p : doc.problems) printed += postern::config::to_string(p).size();
    if (printed == 0) __builtin_trap();
    return 0;
}
