// SearchPlan: which searches find a patient's record, type by type: config/plans/*.json. What
// becomes of a row against one server is the pull's matter.
// https://hl7.org/fhir/us/core/STU7/CapabilityStatement-us-core-server.html
#pragma once

#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

struct PlanRow {
    std::string type;
    bool clinical = false;            // a server that does not offer it leaves a gap
    bool patient_alone = true;        // the server shall answer with the patient parameter alone
    std::string loop;                 // the parameter to loop over; empty: none
    std::vector<std::string> values;  // its values, one search each
    std::string any_system;  // codes of systems of sites' own, in one search: "lda,smartdata"
    std::string status;      // the parameter a server may demand; empty: none
    std::string statuses;    // all of its codes, "active,completed"
};

struct SearchPlan {
    std::vector<PlanRow> rows;  // one for each type, what is worth most to a consultant first
};

SearchPlan read_search_plan(std::span<const KnowledgeFile> plans, KnowledgeProblems& problems);

}  // namespace consultd
