#pragma once

namespace postern::ops {

// From now on getpid() costs no system call, in this process and in those that it forks. Before there is a second thread.
void remember_process_id();

}  // namespace postern::ops
