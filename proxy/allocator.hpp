// The program's allocator, mimalloc; sanitizers bring their own, which nothing is said to.
#pragma once

namespace postern {

// Before the first connection: memory that is free goes back to the kernel after a second, and not at once. Connections
// come and go faster, and what is given back costs a page fault to have again (1.4 a handshake, of some microseconds each).
void keep_free_memory_for_a_second();

}  // namespace postern
