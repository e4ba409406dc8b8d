// Capability: what a server says it can do, as far as a pull or a delivery plans by it. A
// declaration is a hint for the plan and never a proof: the answers decide.
// https://hl7.org/fhir/R4/capabilitystatement.html
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "fhir/client/fhir_client.h"

namespace consultd::fhir {

// One element of CapabilityStatement.rest.resource.
struct ResourceCapability {
    std::set<std::string, std::less<>> interactions;   // "read", "search-type", "create" …
    std::set<std::string, std::less<>> search_params;  // by name: "patient", "category"
    std::set<std::string, std::less<>> includes;       // "Observation:subject", or "*"
    std::set<std::string, std::less<>> revincludes;    // "Provenance:target"
    std::set<std::string, std::less<>> operations;     // without "$": "everything"
    bool update_create = false;                        // a client may PUT ids of its own
    bool conditional_create = false;
    bool refuses_conditions = false;  // it says that it has none; one that says nothing may
};

class Capability {
public:
    // Unsupported: another FHIR version than 4.0, or no `server` in `rest`. Malformed: no
    // CapabilityStatement.
    static Result<Capability> from(JsonView statement);
    // GET [base]/metadata. NotFound there means that this is no FHIR server: Unsupported.
    static Result<Capability> read(FhirClient& client, const Call& call);

    // Null where the server does not name the type.
    const ResourceCapability* find(std::string_view type) const;
    bool can(std::string_view type, std::string_view interaction) const;
    // Also true for a parameter that the server names for all types.
    bool can_search(std::string_view type, std::string_view parameter) const;
    bool has_operation(std::string_view type, std::string_view name) const;
    // Declared for the server and not for a type: "export", "patient-export".
    bool has_system_operation(std::string_view name) const;
    // Of the whole system: "transaction", "batch", "search-system".
    bool can_system(std::string_view interaction) const;
    const std::map<std::string, ResourceCapability, std::less<>>& types() const { return types_; }

private:
    std::map<std::string, ResourceCapability, std::less<>> types_;
    std::set<std::string, std::less<>> system_interactions_;
    std::set<std::string, std::less<>> system_operations_;
    std::set<std::string, std::less<>> common_params_;
};

}  // namespace consultd::fhir
