// Match: finds the patient at the destination, by the rules of identity.h. Who is named where: the
// requests name the patient in their bodies alone, never in a URL.
// https://hl7.org/fhir/R4/patient-operation-match.html · https://hl7.org/fhir/R4/search.html
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fhir/client/capability.h"
#include "fhir/client/fhir_client.h"
#include "fhir/resource.h"

namespace consultd {

struct PatientMatch {
    // Certain: exactly one chart is certainly this person's, and the destination says nothing
    // against it. Nobody: there is none, and nothing that is similar or that the destination names.
    // Unsure: a person decides.
    enum class Finding { Certain, Nobody, Unsure };
    // What the destination says of a chart that its $match names.
    // https://hl7.org/fhir/R4/valueset-match-grade.html
    enum class Grade { NotSaid, Certain, LessThanCertain, CertainlyNot };
    Finding finding = Finding::Unsure;
    std::string patient;                  // "Patient/77", where it is certain
    std::vector<fhir::Resource> similar;  // what a person has to compare, by id
    std::map<std::string, Grade> grades;  // of some of these
    bool is_whole = true;                 // all that was asked was answered, and whole
};

struct MatchRules {
    std::set<std::string, std::less<>> strong_systems;
    bool has_match_operation = false;  // the destination offers Patient/$match
};

// Errors as FhirClient's, of a destination that does not answer at all; one that cannot be searched
// so leaves it Unsure.
Result<PatientMatch> match_patient(fhir::FhirClient& client, const fhir::Resource& patient,
                                   const MatchRules& rules, const fhir::Call& call);

}  // namespace consultd
