// OperationOutcome: what a FHIR server says went wrong
// (https://hl7.org/fhir/R4/operationoutcome.html).
#pragma once

#include <string>
#include <vector>

#include "fhir/json.h"

namespace consultd::fhir {

struct OperationOutcomeIssue {
    std::string severity;  // fatal, error, warning, information
    std::string code;      // issue-type
    // details.text and diagnostics are a peer's free text: they may name a patient and are not
    // kept.
    bool is_error() const { return severity == "fatal" || severity == "error"; }
    // https://hl7.org/fhir/R4/codesystem-issue-type.html: under `transient`.
    bool is_transient() const;
};

// Empty when `json` is no OperationOutcome.
std::vector<OperationOutcomeIssue> issues_of(JsonView json);
// One of our own, for our HTTP interface; the texts are fixed ones. `expression`: the FHIRPath of
// the element that is wrong, of names and positions alone; may be empty.
Json operation_outcome(StaticText severity, StaticText code, StaticText text,
                       const std::string& expression = "");

}  // namespace consultd::fhir
