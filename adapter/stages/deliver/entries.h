// Entries: the parts of a transaction: fresh urn:uuid names, references that lead to them, and
// requests that create nothing twice. Pure. It must not know what a packet consists of.
//
// The names are made from the transfer and differ from those inside the document Bundle: a server
// that rewrites the urn:uuid of an entry wherever it stands would break the document otherwise.
// https://hl7.org/fhir/R4/http.html#transaction
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource.h"

namespace consultd {

inline constexpr std::string_view transfer_system = "urn:consultd:transfer";
inline constexpr std::string_view patient_system = "urn:consultd:patient";  // of a new chart
inline constexpr std::string_view entry_system = "urn:consultd:entry";

fhir::Json make_identifier(std::string_view system, std::string_view value);
fhir::Json make_concept(std::string_view system, std::string_view code, std::string_view display);
// {"reference": …}
fhir::Json make_reference(std::string_view reference);
// "identifier=system|value", with what must be escaped escaped.
// https://hl7.org/fhir/R4/search.html#escaping
std::string identifier_query(std::string_view system, std::string_view value);

class Entries {
public:
    using Types = std::set<std::string, std::less<>>;
    // With `put_own_ids` entries are PUT under ids of ours, where the condition does not matter
    // more. `found_by_tag`: the types that the server can find by `_tag`.
    Entries(std::string transfer_id, bool put_own_ids, Types found_by_tag = {})
        : transfer_id_(std::move(transfer_id)),
          put_own_ids_(put_own_ids),
          found_by_tag_(std::move(found_by_tag)) {}

    // "urn:uuid:…" in this transaction for a name that is unique in the packet.
    std::string urn_of(std::string_view name) const;
    // References to `name` become references to `target`.
    void map(std::string name, std::string target) {
        targets_[std::move(name)] = std::move(target);
    }

    // The resource with its references led to their entries. One that leads nowhere in here keeps
    // what it said as Reference.identifier: a literal one would name something else at the
    // destination, or make it refuse the whole. No server's id, version or time is left.
    fhir::Json carried(const fhir::Json& resource) const;

    // By `condition` ("identifier=…"), nothing where it is there already; empty: by our own
    // identifier, or by our own tag where the server can find by it. Whatever can have one carries
    // our identifier, anything else our tag, so that it can be asked for. A Binary has no
    // condition: servers that list `_tag` for it refuse one.
    void add(std::string_view name, fhir::Json resource, std::string condition = "");

    std::size_t size() const { return entries_.size(); }
    // In the order in which they depend on each other.
    fhir::Json transaction() const;

private:
    fhir::Json led(const fhir::Json& resource) const;
    std::string transfer_id_;
    bool put_own_ids_;
    Types found_by_tag_;
    std::map<std::string, std::string, std::less<>> targets_;
    std::vector<fhir::Json> entries_;
};

}  // namespace consultd
