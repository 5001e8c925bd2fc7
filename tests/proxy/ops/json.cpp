#include "tests/proxy/ops/json.hpp"

#include <boost/json/src.hpp>

namespace postern::test {
namespace {

boost::json::value find(std::string_view line, std::string_view pointer) {
    return boost::json::parse({line.data(), line.size()}).at_pointer({pointer.data(), pointer.size()});
}

}  // namespace

std::string json_at(std::string_view line, std::string_view pointer) {
    const auto found = find(line, pointer);
    if (found.is_string()) return std::string(found.as_string().begin(), found.as_string().end());
    return boost::json::serialize(found);
}

std::string json_keys(std::string_view line, std::string_view pointer) {
    std::string keys;
    const auto found = find(line, pointer);
    for (const auto& each : found.as_object()) keys += (keys.empty() ? "" : ",") + std::string(each.key());
    return keys;
}

}  // namespace postern::test
