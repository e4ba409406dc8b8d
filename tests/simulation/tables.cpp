#include "tests/simulation/memory_store.h"

namespace consultd::simulation {

Tables::Row* Tables::find(const std::string& id) {
    const auto found = order.find(id);
    return found == order.end() ? nullptr : &rows.at(found->second);
}

Result<std::optional<Transfer>> Tables::find_earlier(const Transfer& transfer,
                                                     const Earlier& earlier) {
    std::string named;
    for (const std::string& key : earlier.identifiers) {
        const auto found = identifiers.find(key);
        if (found == identifiers.end()) continue;
        if (!named.empty() && found->second != named)
            return Error(ErrorKind::Conflict, "the identifiers are those of two orders");
        named = found->second;
    }
    if (!named.empty()) return std::optional(find(named)->transfer);
    std::vector<Transfer> of_others;
    for (const std::string& key : earlier.others)
        if (const auto found = identifiers.find(key); found != identifiers.end())
            of_others.push_back(find(found->second)->transfer);
    for (const Transfer& other : of_others)
        if (is_same_disclosure(other, transfer, Instant{})) return std::optional(other);
    if (!of_others.empty()) return std::optional(of_others.front());
    if (!earlier.same_disclosure_since) return std::optional<Transfer>();
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
        if (is_same_disclosure(row->second.transfer, transfer, *earlier.same_disclosure_since))
            return std::optional(row->second.transfer);
    return std::optional<Transfer>();
}

void Tables::bury_the_dead() {
    std::uint64_t all = 0, suspects = 0;
    for (const auto& [sequence, row] : rows) {
        all += row.lease_owner ? 1 : 0;
        suspects += row.lease_owner && row.suspect ? 1 : 0;
    }
    for (auto& [sequence, row] : rows) {
        if (!row.lease_owner) continue;
        if (row.suspect || (suspects == 0 && all == 1)) ++row.deaths;
        row.suspect = true;
        row.lease_owner.reset();
    }
}

}  // namespace consultd::simulation
