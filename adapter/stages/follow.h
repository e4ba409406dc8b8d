// follow: looks at the Task at the destination and brings back what it points to when it is done.
#pragma once

#include <string>
#include <vector>

#include "fhir/client/fhir_client.h"

namespace consultd {

struct Followed {
    std::string status;  // Task.status: requested, accepted, in-progress, completed, rejected …
    std::string business_status;
    std::vector<fhir::Resource> output;  // of a completed Task: what it refers to of our patient
    std::vector<StaticText> problems;    // "other-patient", "not-found": what could not be taken
};
// NotFound: the Task is no longer there: hold for a person.
Result<Followed> follow(fhir::FhirClient& client, const std::string& task,
                        const std::string& transfer_id, const fhir::Call& call);

}  // namespace consultd
