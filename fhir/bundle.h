// Bundle: the searchset, transaction-response and other Bundles we read
// (https://hl7.org/fhir/R4/bundle.html).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource.h"

namespace consultd::fhir {

enum class BundleType {
    Searchset,
    Collection,
    Document,
    Transaction,
    TransactionResponse,
    Batch,
    BatchResponse,
    Message,
    History
};

struct BundleEntry {
    std::string full_url;         // may be empty
    Json resource;                // null where there is none
    std::string search_mode;      // match, include, outcome or empty
    std::string response_status;  // "201 Created"
    std::string response_location;
};

// The URL of the link of that relation, "next", "self", in whatever case a server writes it; empty:
// there is none. https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.link.relation
std::string_view link_of(JsonView bundle, std::string_view relation);

class Bundle {
public:
    // Malformed: not a Bundle, or not of this type.
    static Result<Bundle> parse(Json json, BundleType expected);
    static Result<Bundle> parse(Json json);

    BundleType type() const { return type_; }
    const std::vector<BundleEntry>& entries() const { return entries_; }
    std::optional<std::string> link(std::string_view relation) const;  // "next", "self"
    std::optional<std::int64_t> total() const;
    const Json& json() const { return json_; }

private:
    Json json_;
    BundleType type_ = BundleType::Searchset;
    std::vector<BundleEntry> entries_;
};

}  // namespace consultd::fhir
