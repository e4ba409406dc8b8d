// match_view: our patient beside each chart at the destination that may be theirs, row by row, for
// the person who has to decide. It names the patient: for that person's terminal alone.
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/deliver/identity.h"
#include "adapter/stages/deliver/match.h"
#include "adapter/transfer.h"
#include "fhir/resource.h"

namespace consultd::commands {

struct MatchView {
    struct Candidate {
        fhir::Resource chart;
        Comparison comparison;
        PatientMatch::Grade grade = PatientMatch::Grade::NotSaid;  // the destination's own
    };
    Transfer transfer;
    fhir::Resource patient;
    std::string destination;  // its name and address
    std::vector<Candidate> candidates = {};
    bool is_whole = true;  // the destination showed all that it has, by what it says
};

// {"transfer":…,"whole":true,"candidates":[{"chart":"Patient/77","certain":false,
//  "destinationSays":"certainly
//  not","rows":[{"row":"family","says":"agrees","ours":…,"theirs":…}]}]}
fhir::Json json_of(const MatchView& view);
std::string text_of(const MatchView& view);
// "identifier=agrees family=differs …", for the audit log: no values.
std::string summary_of(const Comparison& comparison);

}  // namespace consultd::commands
