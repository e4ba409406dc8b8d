// Stops: a medicine that one entry of the record orders and a later one says was stopped is not
// taken any more: the order is over, by the words of the stop. Only what the record orders in time
// counts, and only a stop: a course that was completed ends no other order.
#pragma once

#include <vector>

#include "adapter/stages/reading/statement.h"

namespace consultd {

void end_what_was_stopped(std::vector<Statement>& statements, const PacketIndex& index);

}  // namespace consultd
