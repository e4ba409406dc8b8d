// Belonging: the proof that a resource is about our patient, the same for what a server and what a
// file brings. Pure. It asks the facts of R4 whom a resource of a type is about, and must not know
// how resources are read. Elements that only name who took part (asserter, performer) prove
// nothing. https://hl7.org/fhir/R4/compartmentdefinition-patient.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/stages/belonging/addresses.h"
#include "fhir/resource.h"

namespace consultd {

// Our patient at the source.
struct PatientIdentity {
    Addresses addresses;
    std::string id;
    std::vector<std::pair<std::string, std::string>> identifiers;  // system, value; both present
    std::string birth_date = {};                                   // may be empty
    std::vector<std::string> families = {};                        // folded: fhir/base/text_fold.h

    static PatientIdentity of(Addresses addresses, std::string id, fhir::JsonView patient);
    std::string key() const { return "Patient/" + id; }
};

enum class Belonging {
    Ours,      // an element that says whom it is about names our patient, and none another
    Shared,    // its type has no subject: ours when something of ours refers to it
    ByTarget,  // Provenance: ours when what it is about is ours
    Wrong,     // it names another patient
    Unproven,  // nothing decides it: no subject, or one by identifier or display alone, or
               // elsewhere
};

// Where a resource stood, and what it goes by there.
struct Origin {
    std::string_view key;       // "Type/id"; of one without an id, its UUID; may be empty
    std::string_view full_url;  // the entry's; may be empty
    std::size_t file = 0;
};

// Contained and nested resources are looked at too, and a resource in JSON that the bytes of a
// Binary hold.
Belonging belonging_of(const fhir::Resource& resource, const Origin& origin,
                       const PatientIdentity& patient);

// Whether it says that it is about our patient, whomever else it names.
bool names_ours(const fhir::Resource& resource, const Origin& origin,
                const PatientIdentity& patient);

// Of a Bundle in the bytes of a Binary: Shared where it names our patient, and no other.
Belonging belonging_of_bundle(fhir::JsonView bundle, std::size_t file,
                              const PatientIdentity& patient);

// Why it is not kept: "wrong-patient", "unproven-patient"; absent where it may be.
std::optional<StaticText> refusal_of(Belonging belonging);

// Whether a pull may keep resources of that type at all; the others are not followed.
bool is_kept_type(std::string_view type);

// A modifierExtension anywhere, or implicitRules: we know none of them, so the resource must not be
// processed as if it were understood. https://hl7.org/fhir/R4/extensibility.html#modifierExtension
bool has_unknown_modifier(fhir::JsonView json);

}  // namespace consultd
