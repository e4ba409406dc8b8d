// transfer_view: a transfer as commands show it.
#pragma once

#include "adapter/commands/workplace.h"

namespace consultd::commands {

// PRODUCT.md's shape; `packet` and `receipt` are paths, if the parts were exported.
fhir::Json transfer_json(const Transfer& transfer, Store& store, const crypto::Sealer& sealer);
std::string transfer_line(const Transfer& transfer);

// Where the state has no room on its disk, what that means for what is asked of it; else empty.
std::string told_of_room(const config::Config& config);

}  // namespace consultd::commands
