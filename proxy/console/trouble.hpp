// Why there is no status to show, in words for one line.
#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace postern::console {

struct trouble {
    std::string why;
};

template <class T>
using result = boost::system::result<T, trouble>;

}  // namespace postern::console
