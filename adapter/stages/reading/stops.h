// Stops: what one entry of the record orders or names and another one says was stopped, is on hold,
// not taken, must not be given, is over or was refuted, does not stand without those words. Where
// the record orders both in time and they are of the same medicine, the later one counts: the order
// is over, or on hold. Where it does not, both are said: what may be stopped is not told as taken.
// A course that was completed ends no other order.
#pragma once

#include <vector>

#include "adapter/stages/reading/statement.h"

namespace consultd {

void end_what_was_stopped(std::vector<Statement>& statements, const PacketIndex& index);

}  // namespace consultd
