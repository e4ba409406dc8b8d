#include "adapter/portal/sessions.h"

#include <algorithm>

namespace consultd::portal {

void Sessions::forget_old() {
    const MonotonicTime now = clock_.monotonic_now();
    std::erase_if(entries_, [&](const auto& one) {
        return now - one.second.seen > idle_max || now - one.second.begun > life_max;
    });
}

std::shared_ptr<Sessions::Kept> Sessions::find(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(crypto::sha256(name));
    if (found == entries_.end()) return nullptr;
    const MonotonicTime now = clock_.monotonic_now();
    Entry& entry = found->second;
    if (now - entry.seen > idle_max || now - entry.begun > life_max) {
        entries_.erase(found);
        return nullptr;
    }
    entry.seen = now;
    return entry.kept;
}

std::optional<Sessions::Named> Sessions::begin(const std::string& address, Language language) {
    const std::lock_guard lock(mutex_);
    forget_old();
    const auto of_address = std::ranges::count_if(
        entries_, [&](const auto& one) { return one.second.address == address; });
    if (entries_.size() >= sessions_max || static_cast<std::size_t>(of_address) >= per_address_max)
        return std::nullopt;
    Named named{.name = new_name(), .kept = std::make_shared<Kept>()};
    named.kept->session.language = language;
    named.kept->session.csrf = crypto::base64url(random_.bytes(32));
    const MonotonicTime now = clock_.monotonic_now();
    entries_[crypto::sha256(named.name)] = {named.kept, address, now, now};
    return named;
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
