// Store: the sandbox's resources in memory, a plain value: a transaction works on a copy and swaps
// it in. Keeps ids, versions and tombstones (https://hl7.org/fhir/R4/http.html#versioning). Knows
// no search.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd::sandbox {

struct Stored {
    fhir::Json json;  // with id, meta.versionId and meta.lastUpdated; null when deleted
    std::uint64_t version = 0;
    bool deleted() const { return json.is_null(); }
};

class Store {
public:
    using ById = std::map<std::string, Stored, std::less<>>;

    // Null when there never was one; a tombstone when it was deleted.
    const Stored* find(std::string_view type, std::string_view id) const;
    const Stored* find_alive(std::string_view type, std::string_view id) const;
    // "Type/id".
    const Stored* find_alive(std::string_view key) const;
    const ById& of_type(std::string_view type) const;  // tombstones too
    const std::map<std::string, ById, std::less<>>& all() const { return by_type_; }

    std::string new_id();
    // Creates or updates; id and meta are set here. The same content again makes no new version.
    const Stored& put(std::string_view type, std::string_view id, const fhir::Json& resource,
                      Instant now);
    // Changes the content of the version that is held: for links that are resolved last.
    void amend(std::string_view type, std::string_view id, const fhir::Json& resource);
    void remove(std::string_view type, std::string_view id);

private:
    std::map<std::string, ById, std::less<>> by_type_;
    std::uint64_t last_id_ = 1000;
};

}  // namespace consultd::sandbox
