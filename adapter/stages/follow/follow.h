// follow: looks at the Task at the destination and brings back what it leads to when it is done, in
// whatever form: resources that it refers to or contains, attachments, texts, bytes by URL. Each is
// proven to be of our patient and, where it says so, of our order (ownership.h). What is of another
// origin is not asked for. https://hl7.org/fhir/R4/task.html
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/follow/ownership.h"

namespace consultd {

struct Followed {
    std::string status;  // Task.status: requested, accepted, in-progress, completed, rejected …
    std::string business_status;
    // Of a completed Task: it, without the outputs that are not of our patient, and what it leads
    // to.
    fhir::Json task;
    std::vector<fhir::Json> resources;
    std::vector<StaticText> problems;  // "other-patient", "not-found": what was not taken
    bool is_preliminary = false;       // by the word of something that was taken
};
// NotFound: the Task is no longer there: hold for a person.
Result<Followed> follow(fhir::FhirClient& client, const std::string& task, const OurOrder& order,
                        const fhir::Call& call);

}  // namespace consultd
