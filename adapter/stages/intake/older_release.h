// OlderRelease: resources of STU3 and DSTU2 brought into R4, type by type, by a table
// (older_release_table.cpp): a resource becomes R4 as a whole, or stays what it is and is rejected
// by name. What was not done never becomes done. Pure.
// https://hl7.org/fhir/R4/diff.html, https://github.com/HL7/fhir-cross-version
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "fhir/json.h"

namespace consultd {

enum class Release { R4, Stu3, Dstu2 };

// What the resource says of itself: by a profile, by its type, or by a member that only that
// release has. Likely: by the kind of a member too, which a careless R4 may have as well. R4 where
// it says nothing.
enum class Sign { Sure, Likely };
Release release_of(fhir::JsonView resource, Sign sign);

// As R4; absent where that cannot be said as a whole: its type is none of the table's, or a member
// is left that R4 does not have.
std::optional<fhir::Json> to_r4(const fhir::Json& resource, Release from);

// One step of one type. `at`: the element that it is done in, of each that repeats: "performer";
// "" is the resource.
struct ConversionStep {
    enum class Do {
        Type,       // `to` is the type's name in R4
        Keep,       // the type is the same in R4: no member is changed
        Rename,     // from → to
        List,       // the same, and one value becomes a list of one
        First,      // the same, and a list of one becomes its value; of more: it stays
        Concept,    // the same; a code becomes a CodeableConcept of the system `with`
        Coding,     // the same; a code becomes a Coding of the system `with`
        Note,       // a string becomes one more Annotation of `to`
        Codes,      // from has one of the codes in `with`, "old=new|…": `to` gets the new one
        Set,        // `to` gets the code `with`, where it has none
        WhenTrue,   // the flag `from` goes; where it is true, `to` gets the code `with`
        Inverse,    // the flag becomes its contrary
        Abated,     // the flag goes where the clinical status `to` says as much, or can
        Actors,     // a list of {actor, role} becomes one of the actors
        AsActor,    // a reference becomes a list of one {actor}
        Agent,      // {agent} becomes the agent; with onBehalfOf it stays
        Encounter,  // a reference to an Encounter is renamed; another stays
        Doses,      // dose[x] and rate[x] go into doseAndRate
        Related,    // Observation.related of the code `to` goes into the member `with`
        Hoist,      // the member `with` of `from` becomes `to`; `from` goes when it is empty
        Created,    // DocumentReference.created becomes that of its one attachment
        Joined,     // a list of strings becomes one, with spaces
        Drop,       // goes where it is one of the codes in `with`, "old|…"
    };
    std::string_view type, at;
    Do what;
    std::string_view from = "", to = "", with = "";
};

// In the order in which they are done; DSTU2 goes through its own steps and then STU3's.
std::span<const ConversionStep> conversion_steps(Release from);

}  // namespace consultd
