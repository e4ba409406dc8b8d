// Policy: a Consent, read and understood as a whole, and what it decides for one resource.
// A rule that may or may not apply is taken both ways, and the stricter outcome holds.
// https://hl7.org/fhir/R4/consent.html gives no algorithm: the base rule decides unless a nested
// provision applies; the deepest one that applies decides; of siblings that differ, the one that
// denies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapter/knowledge/sensitivity.h"
#include "adapter/stages/consent/rule.h"
#include "adapter/stages/consent/signs.h"

namespace consultd::consent {

// What the permits that apply name of sensitive matters. Whom, why and when they are for, and of
// which type or time the resource is, names none (42 CFR 2.31: a specific description).
struct Named {
    struct Matter {
        std::string_view label, topic;
        bool is_whole = false;  // named by its label: whatever the topic
    };
    bool resource = false;  // this very one, by `data`: whatever it betrays
    std::vector<Matter> matters = {};
};

struct Decision {
    bool is_permitted = false;
    bool is_by_rule = false;    // a provision denies it; else none permits it
    std::string reason;         // from the closed list of consent.cpp
    bool is_unspoken = false;   // denied as no permit names what it betrays, and by no provision
    bool misses_label = false;  // a permit on a matter does not reach it
    Named named = {};
    std::string rule = {};            // "provision.provision[1]"; empty: none
    Sensitivity::Signs betrays = {};  // what the resource does, and whatever it contains
};

class Policy {
public:
    static constexpr int depth_max = 12;
    static constexpr int rules_max = 1000;
    static constexpr int criteria_max = 20000;  // fields' items, all rules together

    // Denied: not active, not of this patient, not now, refused verification, a modifier or a rule
    // that we do not know, or larger than the limits. Consent and sensitivity outlive the policy.
    static Result<Policy> read(const fhir::Json& consent, const std::string& patient,
                               const Request& request, Instant now, const Sensitivity& sensitivity);

    // What the Consent does not name, and is withheld unless it does (Sensitivity::is_unspoken), is
    // denied. `signs` are those of the record that the resource is of.
    Decision decide(const fhir::Json& resource, std::string_view source, std::string_view full_url,
                    const Request& request, Instant now, Signs& signs) const;

    // For the minimum of the patient that identifies: it goes with whatever goes, unless a rule
    // denies exactly that.
    Decision decide_identity(std::string_view patient, const Request& request, Instant now) const;

    // Some rule looks at what a resource holds: then a copy of a record inside an attachment, which
    // no rule can look into, cannot be decided.
    bool looks_at_content() const { return looks_at_content_; }
    // Some rule is on a matter (by code, label, instance or period), whose words it takes wherever
    // they stand: then what cannot be read cannot be decided.
    bool takes_words() const { return takes_words_; }
    // What rules deny by code that may be for this request.
    const std::vector<fhir::JsonView>& denied_concepts() const { return denied_concepts_; }
    // What betrays these, or bears the label, is nothing for this recipient: some rule denies it,
    // or it goes only where it is named and is not.
    bool takes(const Sensitivity::Signs& signs) const;
    bool takes(std::string_view label, std::string_view topic = {}) const;

private:
    Policy(fhir::Json root, bool permits, bool only_normal, const Sensitivity& sensitivity)
        : root_(std::move(root)),
          permits_(permits),
          only_normal_(only_normal),
          sensitivity_(&sensitivity) {}
    Decision decide_one(const Question& question) const;
    Decision decide_content(const Question& question) const;
    bool is_unspoken(const Content& content, const Decision& decision, std::string& reason) const;
    bool names_what_is_taken(fhir::JsonView rule) const;
    Content content_of_all(const fhir::Json& resource, const Content* container,
                           Signs& signs) const;

    fhir::Json root_;  // Consent.provision; null where there is none
    bool permits_;
    bool only_normal_;
    bool looks_at_content_ = false;
    bool takes_words_ = false;
    bool looks_at_times_ = false;
    std::vector<std::string_view> denied_labels_;  // of any rule, wherever it stands
    std::vector<std::string_view> named_labels_;   // of permits for this request
    std::vector<fhir::JsonView> denied_concepts_;
    const Sensitivity* sensitivity_;
};

}  // namespace consultd::consent
