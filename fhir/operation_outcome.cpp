#include "fhir/operation_outcome.h"

#include <algorithm>

namespace consultd::fhir {
namespace {

constexpr std::string_view severities[] = {"fatal", "error", "warning", "information"};

// https://hl7.org/fhir/R4/codesystem-issue-type.html
constexpr std::string_view transient_codes[] = {"transient", "lock-error", "no-store", "exception",
                                                "timeout",   "incomplete", "throttled"};
constexpr std::string_view other_codes[] = {
    "invalid",    "structure",  "required",      "value",        "invariant",
    "security",   "login",      "unknown",       "expired",      "forbidden",
    "suppressed", "processing", "not-supported", "duplicate",    "not-found",
    "deleted",    "too-long",   "code-invalid",  "extension",    "multiple-matches",
    "conflict",   "too-costly", "business-rule", "informational"};

template <std::size_t count>
bool is_in(const std::string_view (&list)[count], std::string_view text) {
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

}  // namespace

bool OperationOutcomeIssue::is_transient() const { return is_in(transient_codes, code); }

std::vector<OperationOutcomeIssue> issues_of(JsonView json) {
    std::vector<OperationOutcomeIssue> issues;
    if (json["resourceType"].string() != "OperationOutcome") return issues;
    for (const JsonView& item : json["issue"].items()) {
        const std::string_view severity = item["severity"].string();
        const std::string_view code = item["code"].string();
        OperationOutcomeIssue issue;
        // What is outside the value sets is a peer's free text: it is not kept, and an issue whose
        // weight is unknown counts as an error.
        issue.severity = is_in(severities, severity) ? severity : "error";
        if (is_in(transient_codes, code) || is_in(other_codes, code)) issue.code = code;
        issues.push_back(std::move(issue));
    }
    return issues;
}

Json operation_outcome(StaticText severity, StaticText code, StaticText text,
                       const std::string& expression) {
    const Json where = expression.empty() ? Json() : Json::array({Json(expression)});
    const Json issue = Json::object({{"severity", severity.view()},
                                     {"code", code.view()},
                                     {"details", Json::object({{"text", text.view()}})},
                                     {"expression", where}});
    return Json::object({{"resourceType", "OperationOutcome"}, {"issue", Json::array({issue})}});
}

}  // namespace consultd::fhir
