#include "fhir/operation_outcome.h"

namespace consultd::fhir {

bool OperationOutcomeIssue::is_transient() const {
    return code == "transient" || code == "lock-error" || code == "no-store" ||
           code == "exception" || code == "timeout" || code == "incomplete" || code == "throttled";
}

std::vector<OperationOutcomeIssue> issues_of(JsonView json) {
    std::vector<OperationOutcomeIssue> issues;
    if (json["resourceType"].string() != "OperationOutcome") return issues;
    for (const JsonView& issue : json["issue"].items())
        issues.push_back(
            {std::string(issue["severity"].string()), std::string(issue["code"].string())});
    return issues;
}

Json operation_outcome(StaticText severity, StaticText code, StaticText text) {
    const Json issue = Json::object({{"severity", severity.view()},
                                     {"code", code.view()},
                                     {"details", Json::object({{"text", text.view()}})}});
    return Json::object({{"resourceType", "OperationOutcome"}, {"issue", Json::array({issue})}});
}

}  // namespace consultd::fhir
