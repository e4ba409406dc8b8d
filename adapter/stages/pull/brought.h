// Brought: what one operation of the source's (Patient/$everything, $export) brought, as its own
// word for the whole record, and how far that can be believed, type by type.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapter/stages/proof.h"

namespace consultd {

struct Brought {
    StaticText how;                                    // "everything", "export"
    std::map<std::string, std::set<std::string>> ids;  // by type, "Type/id"
    std::map<std::string, AskedSearch> asked;          // by type; "" is of all
    bool is_read = false;                              // to its end
    std::set<std::string> odd = {};                    // types, or ""; something was odd about them

    bool has_come() const { return !ids.empty(); }
    bool is_whole() const { return is_read && odd.empty(); }
    bool is_whole(const std::string& type) const {
        return is_read && !odd.contains("") && !odd.contains(type);
    }
    const std::set<std::string>& ids_of(const std::string& type) const;
    // One for each type that came.
    std::vector<TypeProof> proofs() const;
};

}  // namespace consultd
