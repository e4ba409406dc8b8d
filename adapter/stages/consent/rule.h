// Rule: whether one provision of a Consent applies to one resource on its way to one recipient.
// All fields present must match, repeats are alternatives, an absent field matches anything; a
// field that cannot be decided, or that we do not know, is Unknown. Knows no other provision: see
// policy.h. https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision
#pragma once

#include <cstdint>
#include <string>

#include "adapter/stages/consent/content.h"
#include "adapter/stages/record.h"

namespace consultd::consent {

class Signs;

enum class RuleType : std::uint8_t { Permit, Deny };

// What is asked: this resource, for this request, now.
struct Question {
    const Request& request;
    Instant now;
    const Content& content;
    std::string_view source;    // "Observation/123"
    std::string_view full_url;  // may be empty
    fhir::JsonView resource;
    // Who the patient is, no more: whatever a permit is on, it is on somebody, and to say whom is
    // part of it. A rule that denies is asked as always.
    bool is_identity = false;
    Signs* signs = nullptr;  // of its record; without them nothing is decided by words
};

struct RuleMatch {
    Match match = Match::Yes;
    std::string reason;  // from the closed list of consent.cpp: what made it match, or not match
};

// The root provision is matched like any other.
RuleMatch match_rule(fhir::JsonView provision, RuleType type, const Question& question);

// Of its period, recipient, purpose and action alone: whether it is for this request at all.
Match match_circumstances(fhir::JsonView provision, const Request& request, Instant now);

// One field, each for itself.
Match match_period(fhir::JsonView period, Instant now);
Match match_actor(fhir::JsonView actor, const Request& request);
Match match_action(fhir::JsonView action);
Match match_purpose(fhir::JsonView coding, std::string_view purpose);
Match match_class(fhir::JsonView coding, RuleType type, const Content& content);
Match match_code(fhir::JsonView concept_value, RuleType type, const Question& question);
Match match_data_period(fhir::JsonView period, RuleType type, const ClinicalTimes& times);
// The same of what is dated inside a resource, beside what the whole was found to be.
Match match_parts(fhir::JsonView period, RuleType type, const std::vector<fhir::Interval>& parts,
                  Match whole);
Match match_label(fhir::JsonView coding, RuleType type, const Content& content);
Match match_data(fhir::JsonView data, const Question& question);

// Of a system whose codes are the labels that we know: what a permit names by another, nobody can
// tell (https://hl7.org/fhir/R4/datatypes.html#Coding).
bool is_label_system(std::string_view system);
// Whether a rule on the label `asked` reaches what bears `found`.
bool same_family(std::string_view asked, std::string_view found);

// Its labels say that it is more confidential than normal.
bool is_above_normal(const Content& content);

}  // namespace consultd::consent
