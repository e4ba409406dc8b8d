// Confine: from here on this process may compute, take memory, read what is open and write what is
// open. It may open nothing, start nothing, and talk to nobody: seccomp(2), by a list of what is
// allowed; what is not there fails with EPERM.
#pragma once

namespace consultd {

bool confine();

}  // namespace consultd
