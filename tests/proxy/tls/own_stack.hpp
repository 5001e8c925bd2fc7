// What a function leaves behind on the stack, looked for after it has returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace postern::tls::testing {

// Runs `work` on a thread whose stack is ours. The indices of those in `secrets` of which eight bytes in a row are in
// it afterwards.
std::vector<std::size_t> left_on_the_stack(const std::function<void()>& work,
                                           const std::vector<std::span<const std::uint8_t>>& secrets);

}  // namespace postern::tls::testing
