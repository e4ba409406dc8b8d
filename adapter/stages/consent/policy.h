// Policy: a Consent, read and understood as a whole, and what it decides for one resource.
// A rule that may or may not apply is taken both ways, and the stricter outcome holds.
// https://hl7.org/fhir/R4/consent.html gives no algorithm: the base rule decides unless a nested
// provision applies; the deepest one that applies decides; of siblings that differ, the one that
// denies.
#pragma once

#include <string>

#include "adapter/knowledge/sensitivity.h"
#include "adapter/stages/consent/rule.h"

namespace consultd::consent {

struct Decision {
    bool is_permitted = false;
    bool is_by_rule = false;  // a provision denies it; else none permits it
    std::string reason;       // from the closed list of consent.cpp
};

class Policy {
public:
    static constexpr int depth_max = 12;
    static constexpr int rules_max = 1000;
    static constexpr int criteria_max = 20000;  // fields' items, all rules together

    // Denied: not active, not of this patient, not now, refused verification, a modifier or a rule
    // that we do not know, or larger than the limits. Consent and sensitivity outlive the policy.
    static Result<Policy> read(const fhir::Json& consent, const std::string& patient, Instant now,
                               const Sensitivity& sensitivity);

    Decision decide(const fhir::Json& resource, std::string_view source, std::string_view full_url,
                    const Request& request, Instant now) const;

    // Some rule looks at what a resource holds: then a copy of a record inside an attachment, which
    // no rule can look into, cannot be decided.
    bool looks_at_content() const { return looks_at_content_; }

private:
    Policy(fhir::Json root, bool permits, bool only_normal, const Sensitivity& sensitivity)
        : root_(std::move(root)),
          permits_(permits),
          only_normal_(only_normal),
          sensitivity_(&sensitivity) {}
    Content read_content(fhir::JsonView resource, const Content* container) const;
    Decision decide_one(const Question& question) const;

    fhir::Json root_;  // Consent.provision; null where there is none
    bool permits_;
    bool only_normal_;
    bool looks_at_content_ = false;
    const Sensitivity* sensitivity_;
};

}  // namespace consultd::consent
