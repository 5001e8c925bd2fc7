#include "config/document.hpp"
#include "config/summary.hpp"

#include <string>
#include <string_view>

// Any text is either a configuration or has a problem; nothing is thrown, and each problem is one line.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, unsigned long size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // What lies on this machine's disks is no input: a pattern with a folder in it would search them.
    if (text.find("include") != std::string_view::npos && text.find('/') != std::string_view::npos) return 0;
    const auto doc = postern::config::parse(text, "/nonexistent/fuzz.yaml");
    if (postern::config::summary(doc.settings).empty()) __builtin_trap();
    for (const auto& p : doc.problems) {
        const auto line = postern::config::to_string(p);
        if (line.empty() || line.find('\n') != std::string::npos || p.what.empty()) __builtin_trap();
        if (p.where.line < 0 || p.where.column < 0) __builtin_trap();
    }
    return 0;
}
