// MemoryBudget: how much memory one step of a transfer may take, so that a record that is made to
// exhaust it ends its own transfer and nothing else. Owns the global operator new and delete, which
// count what the thread that runs the step takes, and gives back of that (malloc_usable_size(3)).
// What other threads took and hand over is not counted, and giving it back makes no room: beside
// its limit a step holds what it is handed, of a pull the bodies of its answers, which
// limits.record bounds. Built with a sanitizer it counts nothing, as operator new is then the
// sanitizer's: only what the machine refuses is caught. Knows no transfers.
#pragma once

#include <cstdint>
#include <functional>

#include "fhir/base/result.h"

namespace consultd {

// False: built with a sanitizer.
bool memory_is_counted();

// Runs the step on this thread. TooLarge: it wanted more than `bytes`, or more than there is; what
// it had is given back by then.
Status within_memory(std::uint64_t bytes, const std::function<Status()>& step);

}  // namespace consultd
