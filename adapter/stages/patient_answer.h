// PatientAnswer: what a server answered to a question after one Patient, and whether that is all
// that it has, by what the answer itself says. Where it is not, that nobody else was found is no
// finding: who is meant is then for a person to say. Pure. Knows nothing of whom we look for.
// https://hl7.org/fhir/R4/search.html#conformance · https://hl7.org/fhir/R4/bundle.html#searchset
#pragma once

#include <vector>

#include "fhir/bundle.h"
#include "fhir/client/search.h"
#include "fhir/resource.h"
#include "fhir/url.h"

namespace consultd {

struct PatientAnswer {
    std::vector<fhir::Resource> patients;  // each that has an id
    // False: it counts more than it shows; shows what is no Patient, has no id, or is a part
    // (SUBSETTED); says that it left something out or made light of the question; or its self link
    // is of another question.
    bool is_whole = true;
};

// `asked`: the question. A self link without parameters says nothing: HAPI's is so after a POST.
PatientAnswer patient_answer(const fhir::SearchResult& result, const fhir::Query& asked);
// Of an operation, Patient/$match: one page, and what leads to more is not read.
PatientAnswer patient_answer(const fhir::Bundle& matches);

}  // namespace consultd
