// OlderRelease: resources of STU3 and DSTU2 brought into R4, type by type, by a table
// (older_release_table.cpp): a resource becomes R4 as a whole, or stays what it is and is rejected
// by name. What was not done never becomes done. Pure.
// https://hl7.org/fhir/R4/diff.html, https://github.com/HL7/fhir-cross-version
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fhir/json.h"
#include "fhir/r4/older_elements.h"

namespace consultd {

using fhir::r4::Release;

// What the resource says of itself: by a profile, by its type, or by a member that only that
// release has. Likely: by the kind of a member too, which a careless R4 may have as well. R4 where
// it says nothing.
enum class Sign { Sure, Likely };
Release release_of(fhir::JsonView resource, Sign sign);

// "ServiceRequest" of a ProcedureRequest; of a type that has kept its name: that.
std::string_view type_in_r4(std::string_view type);

// As R4; absent where that cannot be said as a whole: its type is none of the table's, or a member
// is left that R4 does not have.
std::optional<fhir::Json> to_r4(const fhir::Json& resource, Release from);

// Of a list each by itself, to be put together anew.
std::vector<fhir::Json> items_of(const fhir::Json& list);

// One step of one type. `at`: the element that it is done in, of each that repeats: "performer";
// "" is the resource.
struct ConversionStep {
    enum class Do {
        Type,        // `to` is the type's name in R4
        Keep,        // the type is the same in R4: no member is changed
        Rename,      // from → to
        List,        // the same, and one value becomes a list of one
        First,       // the same, and a list of one becomes its value; of more: it stays
        Concept,     // the same; a code becomes a CodeableConcept of the system `with`
        Coding,      // the same; a code becomes a Coding of the system `with`
        Text,        // the same; a string becomes a CodeableConcept of that text
        TextOf,      // the contrary, of a CodeableConcept that is a text alone
        CodeOf,      // a CodeableConcept that has one of the codes in `with` becomes that code
        Within,      // a value, or each of a list, becomes {`with`: value} in the list `to`
        Collect,     // of the list `from` those that are {`with`: value} go, as values, into `to`
        Note,        // a string, or each of a list, becomes one more Annotation of `to`
        Codes,       // from has one of the codes in `with`, "old=new|…": `to` gets the new one
        Set,         // `to` gets the code `with`, where it has neither that nor `from`
        WhenTrue,    // the flag `from` goes; where it is true, `to` gets the code `with`
        Inverse,     // the flag becomes its contrary
        Abated,      // the flag goes where the clinical status `to` says as much, or can
        Actors,      // a list of {actor, role} becomes one of the actors
        Agent,       // {agent} becomes the agent; with onBehalfOf it stays
        Encounter,   // a reference to an Encounter is renamed; another stays
        Doses,       // dose[x] and rate[x] go into doseAndRate
        Related,     // Observation.related of the code `to` goes into the member `with`
        Hoist,       // the member `with` of `from` becomes `to`; `from` goes when it is empty
        Created,     // DocumentReference.created becomes that of its one attachment
        Event,       // the one event, that it was asked for, becomes its time
        Identified,  // a string, an Identifier: one more of `to`, with the system, the type `with`
        Oid,         // the same without "urn:oid:"
        Joined,      // a list of strings becomes one, with spaces
        Drop,        // goes where it is one of the codes, or the flag, in `with`, "old|…"
    };
    std::string_view type, at;
    Do what;
    std::string_view from = "", to = "", with = "";
};

// In the order in which they are done; DSTU2 goes through its own steps and then STU3's. The first
// table is of what is found, the second of what is planned and ordered; a type has its steps in
// one of them.
std::array<std::span<const ConversionStep>, 2> conversion_steps(Release from);
// Of any type, at the elements of the name `at`.
std::span<const ConversionStep> steps_of_datatypes(Release from);
struct OrderSteps {
    std::span<const ConversionStep> stu3, dstu2;
};
OrderSteps order_steps();  // the second table

// In each of the elements that `at` leads to: "", "performer", "reaction.note"; and in each of that
// name, in any depth.
fhir::Json done_at(const fhir::Json& object, std::string_view at, const ConversionStep& step);
fhir::Json done_everywhere(const fhir::Json& json, std::string_view name,
                           const ConversionStep& step);

}  // namespace consultd
