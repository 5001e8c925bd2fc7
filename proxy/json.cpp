// Boost.JSON, compiled once for whoever uses it, which saves a package.
#include <boost/json/src.hpp>
