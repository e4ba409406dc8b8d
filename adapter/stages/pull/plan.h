// Plan: which searches a pull sends, made from what the server declares and from the search plan of
// knowledge. Pure.
//
// A type has attempts in order: the widest first; the next one when the server refuses this one
// (400) or, where US Core does not oblige it to answer, when it finds nothing. After a list of
// questions that R4 does not close come its witnesses: a count, and all of the patient's since
// ever. https://hl7.org/fhir/us/core/STU7/CapabilityStatement-us-core-server.html
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapter/knowledge/search_plan.h"
#include "adapter/ledger.h"
#include "config/config.h"
#include "fhir/client/capability.h"

namespace consultd {

struct Query {
    std::string type;  // "Observation"
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string label;  // for gaps: "Observation?category=laboratory", never the patient
    // The server does not declare that it takes the patient: its answer is believed only where its
    // `self` link repeats the parameter. https://hl7.org/fhir/R4/search.html#errors
    bool is_guess = false;
    fhir::Url url(const fhir::Url& base) const;
};

struct Attempt {
    enum class Kind { Plain, PlainBare, Loop, LoopStatus, Count, Since };
    Kind kind;
    std::vector<Query> queries;
    bool is_closed = true;  // what its searches find together is all, by R4's own rules
    bool is_witness() const { return kind == Kind::Count || kind == Kind::Since; }
};

struct TypePlan {
    std::string type;
    bool loop_when_empty = false;
    std::vector<Attempt> attempts;
};

struct Plan {
    std::vector<TypePlan> types;
    // Searches; or an operation first, and the searches are the check on it.
    enum class Way { Searches, Everything, Export } way = Way::Searches;
    std::vector<std::string> not_offered;  // types of a record that the server does not offer
    std::vector<std::string> not_asked;    // because the configuration says so
    std::vector<Gap> gaps;                 // clinical ones of the former, all of the latter
    // Some type's Provenance does not come with it (no _revinclude) and has to be searched for.
    bool provenance_apart = false;
};

// A page of another size than a server takes is refused by some: it is asked for with a small one,
// then without a size. False: it was without one. https://hl7.org/fhir/R4/search.html#count
bool ask_for_less(std::vector<std::pair<std::string, std::string>>& parameters);

// A count of what there is of that type, to hold against what came another way.
Attempt counting(const TypePlan& plan);

Plan make_plan(const SearchPlan& table, const fhir::Capability& capability,
               const config::Pull& settings, const std::string& patient_id);

// Whether Provenance comes with a search of that type: the server declares _revinclude for it.
bool brings_provenance(const fhir::Capability& capability, std::string_view type);

// Searches for Provenance by target, for references "Type/id", several in one.
std::vector<TypePlan> provenance_plans(const std::vector<std::string>& targets,
                                       std::uint32_t page_size);

// Whether searches for these values of a parameter find all there are of the type: R4 demands its
// element, and closes its codes. https://hl7.org/fhir/R4/terminologies.html#required
bool names_all(std::string_view type, std::string_view parameter,
               const std::vector<std::string>& values);

}  // namespace consultd
