// Reached: when the sign-in of a hospital last answered, and at which host it is: what a patient is
// shown before they choose it. Kept in the store, so that a restart knows it too; tells nothing of
// who was there.
#pragma once

#include <optional>
#include <string>

#include "adapter/store/store.h"

namespace consultd::portal {

struct Reached {
    Instant at{};
    std::string host;
};

// Absent: it was not tried yet, or that is not known.
std::optional<Reached> reached(Store& store, const std::string& source);
Status keep_reached(Store& store, const std::string& source, const Reached& reached);

}  // namespace consultd::portal
