#include "adapter/portal/sessions.h"

#include <algorithm>

namespace consultd::portal {

Milliseconds Sessions::left(const Entry& entry) const {
    const MonotonicTime now = clock_.monotonic_now();
    return std::chrono::duration_cast<Milliseconds>(
        std::min(entry.seen + idle_max, entry.begun + life_max) - now);
}

Milliseconds Sessions::left(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(crypto::sha256(name));
    return found == entries_.end() ? Milliseconds(0)
                                   : std::max(left(found->second), Milliseconds(0));
}

void Sessions::forget_old() {
    std::erase_if(entries_, [&](const auto& one) { return left(one.second) < Milliseconds(0); });
}

std::shared_ptr<Sessions::Kept> Sessions::find(std::string_view name, By by) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(crypto::sha256(name));
    if (found == entries_.end()) return nullptr;
    Entry& entry = found->second;
    if (left(entry) < Milliseconds(0)) {
        entries_.erase(found);
        return nullptr;
    }
    if (by == By::Person) entry.seen = clock_.monotonic_now();
    return entry.kept;
}

std::optional<Sessions::Named> Sessions::begin(const std::string& address, Language language) {
    const std::lock_guard lock(mutex_);
    forget_old();
    // Behind a proxy of ours everybody comes from here.
    const bool is_here = address == "127.0.0.1" || address == "::1";
    const auto of_address = std::ranges::count_if(
        entries_, [&](const auto& one) { return one.second.address == address; });
    const bool is_full = !is_here && static_cast<std::size_t>(of_address) >= per_address_max;
    if (is_full && !give_way(address)) return std::nullopt;
    if (entries_.size() >= sessions_max && !give_way("")) return std::nullopt;
    Named named{.name = new_name(), .kept = std::make_shared<Kept>()};
    named.kept->session.language = language;
    named.kept->session.csrf = crypto::base64url(random_.bytes(32));
    const MonotonicTime now = clock_.monotonic_now();
    entries_[crypto::sha256(named.name)] = {named.kept, address, now, now};
    return named;
}

bool Sessions::give_way(const std::string& address) {
    auto oldest = entries_.end();
    for (auto one = entries_.begin(); one != entries_.end(); ++one) {
        const Entry& entry = one->second;
        if (!address.empty() && entry.address != address) continue;
        if (oldest != entries_.end() && oldest->second.seen <= entry.seen) continue;
        // One that is at work holds something.
        const std::unique_lock lock(entry.kept->mutex, std::try_to_lock);
        if (lock.owns_lock() && entry.kept->session.is_empty()) oldest = one;
    }
    if (oldest == entries_.end()) return false;
    entries_.erase(oldest);
    return true;
}

std::string Sessions::rename(std::string_view name) {
    const std::lock_guard lock(mutex_);
    auto node = entries_.extract(crypto::sha256(name));
    std::string fresh = new_name();
    if (node.empty()) return fresh;
    node.key() = crypto::sha256(fresh);
    entries_.insert(std::move(node));
    return fresh;
}

void Sessions::end(std::string_view name) {
    const std::lock_guard lock(mutex_);
    entries_.erase(crypto::sha256(name));
}

std::size_t Sessions::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace consultd::portal
