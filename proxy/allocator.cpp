#include "proxy/allocator.hpp"

#ifdef POSTERN_MIMALLOC
#include <mimalloc.h>
#endif

namespace postern {

void keep_free_memory_for_a_second() {
#ifdef POSTERN_MIMALLOC
#if MI_MALLOC_VERSION < 210
    constexpr auto delay = mi_option_decommit_delay;
#else
    constexpr auto delay = mi_option_purge_delay;
#endif
    mi_option_set(delay, 1000);
#endif
}

}  // namespace postern
