// The process's file descriptors.
#pragma once

namespace postern::ops {

// As many as the system lets us have: a connection is two. Those of a storm of clients have room in the kernel's table from
// now on: the table doubles when it is full, and where several threads share it, all that open something wait then until every
// CPU has been through its scheduler, which takes 10 ms and more (expand_fdtable, synchronize_rcu). Best called before there are
// threads.
void make_room_for_descriptors();

}  // namespace postern::ops
