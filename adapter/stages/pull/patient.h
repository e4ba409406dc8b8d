// Patient: the proof that a resource is about our patient, and the scan for references that it and
// the pull need. Pure. It owns the table of the elements that say whom a resource is about, and
// must not know how resources are read.
//
// The elements are those of the R4 patient compartment that name the subject; elements that only
// name who took part (asserter, performer) prove nothing.
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html,
// https://hl7.org/fhir/R4/references.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/stages/record.h"
#include "fhir/resource.h"
#include "fhir/url.h"

namespace consultd {

// Our patient at the source.
struct PatientIdentity {
    fhir::Url base;
    std::string id;
    std::vector<std::pair<std::string, std::string>> identifiers;  // system, value; both present

    static PatientIdentity of(const fhir::Url& base, const fhir::Resource& patient);
};

enum class Belonging {
    Ours,      // an element that says whom it is about names our patient, and none another
    Shared,    // its type has no subject: ours when something of ours refers to it
    ByTarget,  // Provenance: ours when what it is about is ours
    Wrong,     // it names another patient
    Unproven,  // nothing decides it: no subject, or one by identifier or display alone, or
               // elsewhere
};

// `full_url` is the entry's, or empty. Contained and nested resources are looked at too, and a
// resource in JSON that the bytes of a Binary hold.
Belonging belonging_of(const fhir::Resource& resource, std::string_view full_url,
                       const PatientIdentity& patient);

// Whether a pull may keep resources of that type at all; the others are not followed.
bool is_kept_type(std::string_view type);
// A type without a subject: Practitioner, Organization, Binary …
bool is_shared_type(std::string_view type);
// False for a record of administrative types alone: it tells a physician nothing.
bool has_clinical(const Record& record);

// "Type/id" when the reference is a literal one to this server: relative, or absolute at the base,
// with or without a version. http and https count as one, as
// https://hl7.org/fhir/R4/http.html#general says.
std::optional<std::string> key_at_base(const fhir::Url& base, std::string_view reference);

// The text of each Reference.reference, wherever it stands. It looks at every object and not by the
// element table, because a reference where R4 has none must not hide another patient.
std::vector<std::string_view> literal_references(fhir::JsonView json);

// A modifierExtension anywhere, or implicitRules: we know none of them, so the resource must not be
// processed as if it were understood. https://hl7.org/fhir/R4/extensibility.html#modifierExtension
bool has_unknown_modifier(fhir::JsonView json);

}  // namespace consultd
