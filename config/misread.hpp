// Why a text is no value of its kind, for the problem that is made of it.
#pragma once

#include <string>

namespace postern::config {

struct misread {
    std::string what;        // as in struct problem
    std::string allowed;     // empty: what the kind of value allows anyway
    std::string suggestion;  // the nearest right word, when one is near
};

}  // namespace postern::config
