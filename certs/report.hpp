// Problems with one certificate and its key, each with the file it is about.
#pragma once

#include "config/problem.hpp"

#include <cstddef>
#include <string>

namespace postern::certs {

struct reporter {
    config::problems& found;
    std::size_t index;        // of the pair: certificate[index], certificate_key[index]
    std::string certificate;  // the files' names
    std::string key;

    void certificate_error(std::string what, std::string allowed = {}) const {
        add(config::severity::error, "certificate", certificate, std::move(what), std::move(allowed));
    }
    void certificate_warning(std::string what) const {
        add(config::severity::warning, "certificate", certificate, std::move(what), {});
    }
    void key_error(std::string what, std::string allowed = {}) const {
        add(config::severity::error, "certificate_key", key, std::move(what), std::move(allowed));
    }
    void key_warning(std::string what) const {
        add(config::severity::warning, "certificate_key", key, std::move(what), {});
    }

private:
    void add(config::severity level, const char* of, const std::string& file, std::string what,
             std::string allowed) const {
        config::problem p;
        p.level = level;
        p.key = std::string(of) + "[" + std::to_string(index) + "]";
        p.what = std::move(what);
        p.found = file;
        p.allowed = std::move(allowed);
        found.push_back(std::move(p));
    }
};

}  // namespace postern::certs
