// Resource: an immutable FHIR R4 resource: a JSON object with a `resourceType` we know and, if it
// has an `id`, one that can be a name (https://hl7.org/fhir/R4/datatypes.html#id). A change makes a
// new one.
#pragma once

#include <string>
#include <string_view>

#include "fhir/json.h"

namespace consultd::fhir {

class Resource {
public:
    // Malformed: no object, no resourceType, an R4 type we do not know, an id that is none.
    static Result<Resource> from(Json json);

    std::string_view type() const { return type_; }
    std::string_view id() const { return json_["id"].string(); }  // may be empty
    std::string_view version_id() const { return json_.at("meta", "versionId").string(); }
    std::string key() const;  // "Observation/123"; "Observation" where there is no id
    const Json& json() const { return json_; }
    JsonView operator[](std::string_view name) const { return json_[name]; }

private:
    Resource(Json json, std::string_view type) : json_(std::move(json)), type_(type) {}
    Json json_;
    std::string_view type_;  // of our table of them
};

bool is_id(std::string_view text);  // [A-Za-z0-9\-\.]{1,64}
// What sources give as ids beyond that, and what still names one thing in a URL as it is: `_` and
// `~` too, and up to 255 of them. Seen from Epic (Medication, more than 100) and from HAPI (`_`).
bool is_name(std::string_view text);
bool is_resource_type(std::string_view name);  // one of R4's

}  // namespace consultd::fhir
