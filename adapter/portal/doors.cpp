#include "adapter/portal/doors.h"

namespace consultd::portal {

std::optional<Doors::Pass> Doors::enter(const std::string& source) {
    const std::lock_guard lock(mutex_);
    const auto found = of_source_.find(source);
    const std::size_t there = found == of_source_.end() ? 0 : found->second;
    if (waiting_ >= all_max || there >= of_source_max) return std::nullopt;
    ++waiting_;
    of_source_[source] = there + 1;
    return std::optional<Pass>(std::in_place, *this, source);
}

void Doors::leave(const std::string& source) {
    const std::lock_guard lock(mutex_);
    --waiting_;
    const auto found = of_source_.find(source);
    if (--found->second == 0) of_source_.erase(found);
}

}  // namespace consultd::portal
