// Proof: how a pull asked for one type, what the source answered, and what that proves. Complete is
// shown type by type: a closed list of questions shows it only where R4 closes the list, or where
// a second witness agrees. https://hl7.org/fhir/R4/search.html,
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fhir/base/result.h"
#include "fhir/json.h"

namespace consultd {

// One search of a type.
struct AskedSearch {
    std::string label;  // "Observation?category=laboratory", never the patient
    StaticText answer;  // "answered", or the reason of the gap: "http-403"
    std::uint64_t pages = 0;
    std::uint64_t ids = 0;
    std::optional<std::int64_t> total;  // as the first page has it
};

enum class TypeEnd : std::uint8_t {
    Complete,
    ByCategoryOnly,  // a closed list was asked for, and nothing shows that it names all
    NotAsked,
    NotOffered,  // by its own /metadata
    Refused,
    Truncated,   // something of it is known to be lacking
    Unreadable,  // the answer was
};
std::string_view name_of(TypeEnd end);  // "by-category-only"
// "not-asked", "by-category-only" …: absent of one that leaves nothing open.
std::optional<StaticText> gap_of(TypeEnd end);

struct TypeProof {
    std::string type;
    StaticText how = "";  // "patient", "category", "status", "everything", "reference" …
    std::vector<AskedSearch> searches;
    std::uint64_t ids = 0;    // distinct ones that came
    StaticText witness = "";  // what showed that a closed list names all; "" where none was needed
    TypeEnd end = TypeEnd::NotAsked;
};

// What becomes of a type that has a gap for this reason.
TypeEnd end_of(StaticText reason);
fhir::Json proofs_json(const std::vector<TypeProof>& proofs);

}  // namespace consultd
