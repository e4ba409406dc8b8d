// What R4 says of each resource type: whom a resource is about, what it is, when, its standing, and
// whether it is shared between patients. facts_table.inc is made from the R4 definitions package by
// make_facts.py beside it; its rows by hand have their reasons. Knows no patient and no policy:
// what follows from a fact is for whoever asks.
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html, https://hl7.org/fhir/R4/fivews.html
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "fhir/base/result.h"
#include "fhir/json.h"

namespace consultd::fhir::r4 {

enum class About : std::uint8_t {
    Subject,   // whom it is about; of several elements, each
    Other,     // may name another patient though it is not about them
    Code,      // what it is
    Done,      // when it was done or ended; where there is an Init, its end
    Init,      // when it began
    Planned,   // when it is to be
    Recorded,  // when it was written down
    Dated,     // a time that can be searched for, of which FiveWs says nothing
    Standing,  // its status, and what else turns its meaning
};

struct Fact {
    About about;
    StaticText element;  // below the type, without [x]: "onset", "collection.collected"
};

// Of whom a resource of a type is.
enum class Sharing : std::uint8_t {
    Patients,          // a patient's, whom its subject names
    PatientsOrShared,  // a patient's where it names one, else as Shared
    Shared,            // of nobody in particular: Practitioner, Medication
    ByTarget,          // of whom its target is: Provenance
    None,              // no part of a record, or R4 does not say whose
};

struct Facts {
    StaticText type;
    StaticText category;  // of the definitions: "Clinical.Summary", "Base.Individuals"
    Sharing sharing;
    std::span<const Fact> all;  // in the order of About

    std::span<const Fact> of(About about) const;
    bool is_shared() const {
        return sharing == Sharing::Shared || sharing == Sharing::PatientsOrShared;
    }
};

const Facts* find_facts(std::string_view type);  // null when R4 has no resource type of that name

// One value of an element.
struct FoundValue {
    std::string_view type;  // "dateTime", "CodeableConcept"; of a choice: the one that stands there
    JsonView value;         // never null; each item of a list is one
};
// The values of `element` (as in Fact) in a resource that has its own resourceType.
std::vector<FoundValue> values_of(JsonView resource, std::string_view element);

}  // namespace consultd::fhir::r4
