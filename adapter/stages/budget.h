// Budget: how far a pure stage may go with one record: until somebody asks it to stop, and over no
// more resources and bytes than are configured. Knows neither the configuration nor who asks.
#pragma once

#include <cstddef>
#include <limits>
#include <stop_token>

#include "fhir/base/result.h"

namespace consultd {

struct Budget {
    std::stop_token stop = {};
    std::size_t resources_max = std::numeric_limits<std::size_t>::max();
    std::size_t bytes_max = std::numeric_limits<std::size_t>::max();

    // Cancelled: somebody asked to stop. Asked in each loop over resources.
    Status go_on() const {
        if (stop.stop_requested()) return Error(ErrorKind::Cancelled, "asked to stop");
        return {};
    }
    // TooLarge: more than a record may have, or what a stage made of it would be.
    Status fits(std::size_t resources, std::size_t bytes) const {
        if (resources > resources_max)
            return Error(ErrorKind::TooLarge, "the record has more resources than the limit")
                .with("resources", static_cast<std::int64_t>(resources));
        if (bytes > bytes_max)
            return Error(ErrorKind::TooLarge, "the record has more bytes than the limit")
                .with("bytes", static_cast<std::int64_t>(bytes));
        return {};
    }
};

}  // namespace consultd
