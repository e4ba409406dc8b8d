#include <algorithm>
#include <optional>
#include <string>

#include "adapter/stages/consent/policy.h"
#include "fhir/reference.h"

namespace consultd::consent {
namespace {

using fhir::Datetime;
using fhir::Json;
using fhir::JsonView;

Error denied(StaticText text) { return Error(ErrorKind::Denied, text); }

// R4's elements of a Consent. One of another release ("decision") may turn its meaning round.
constexpr std::string_view elements[] = {"resourceType",
                                         "id",
                                         "meta",
                                         "language",
                                         "text",
                                         "contained",
                                         "extension",
                                         "identifier",
                                         "status",
                                         "scope",
                                         "category",
                                         "patient",
                                         "dateTime",
                                         "performer",
                                         "organization",
                                         "sourceAttachment",
                                         "sourceReference",
                                         "policy",
                                         "policyRule",
                                         "verification",
                                         "provision"};

bool has_modifier(JsonView value) {
    if (value.has("modifierExtension") || value.has("implicitRules") || value.has("_implicitRules"))
        return true;
    for (const fhir::JsonMember& member : value.members())
        if (has_modifier(member.value)) return true;
    return std::ranges::any_of(value.items(), [](JsonView item) { return has_modifier(item); });
}

bool has_unknown_element(const Json& consent) {
    return std::ranges::any_of(consent.members(), [](const fhir::JsonMember& member) {
        std::string_view name = member.name();
        if (name.starts_with('_')) name.remove_prefix(1);
        return std::ranges::find(elements, name) == std::end(elements);
    });
}

constexpr std::string_view scope_system = "http://terminology.hl7.org/CodeSystem/consentscope";

bool is_patient_privacy(JsonView scope) {
    bool found = false;
    for (const JsonView coding : scope["coding"].items()) {
        if (coding["system"].string() != scope_system) continue;
        if (coding["code"].string() != "patient-privacy") return false;
        found = true;
    }
    return found;
}

// An absolute reference must be the very text that the caller knows the patient by: another
// server's Patient/1 is another patient.
bool is_of_patient(JsonView reference, std::string_view patient) {
    const std::string_view text = reference["reference"].string();
    if (text.empty() || patient.empty()) return false;
    if (text == patient) return true;
    const fhir::Reference parsed = fhir::Reference::parse(text);
    return parsed.form == fhir::Reference::Form::Relative && parsed.key() == patient;
}

// OPTIN permits and OPTOUT denies; the names of laws and forms leave it to the root provision; any
// other rule is not understood. https://terminology.hl7.org/CodeSystem-v3-ActCode.html
struct Base {
    bool is_understood = true;
    std::optional<bool> permits;
};

bool is_act_code(std::string_view system) {
    return system == "http://terminology.hl7.org/CodeSystem/v3-ActCode" ||
           system == "http://hl7.org/fhir/v3/ActCode" || system == "urn:oid:2.16.840.1.113883.5.4";
}

Base base_of(JsonView policy_rule) {
    Base base;
    if (policy_rule.is_null()) return base;
    if (policy_rule["coding"].size() == 0) return {false, {}};
    for (const JsonView coding : policy_rule["coding"].items()) {
        const std::string_view code = coding["code"].string();
        if (coding["system"].string() == "http://terminology.hl7.org/CodeSystem/consentpolicycodes")
            continue;
        if (!is_act_code(coding["system"].string())) return {false, {}};
        const bool permits = code == "OPTIN";
        if (!permits && code != "OPTOUT" && code != "OPTOUTE") return {false, {}};
        if (base.permits && *base.permits != permits) return {false, {}};
        base.permits = permits;
    }
    return base;
}

// IHE's overarching policies. https://profiles.ihe.net/ITI/PCF/volume-1.html
enum class Overarching { None, Denies, OnlyNormal };
Overarching overarching_of(JsonView policies) {
    constexpr std::string_view prefix = "https://profiles.ihe.net/ITI/PCF/Policy-";
    Overarching strictest = Overarching::None;
    for (const JsonView policy : policies.items()) {
        const std::string_view uri = policy["uri"].string();
        if (!uri.starts_with(prefix)) continue;
        const std::string_view name = uri.substr(prefix.size());
        if (name != "basic-normal" && name != "all-normal") return Overarching::Denies;
        strictest = Overarching::OnlyNormal;
    }
    return strictest;
}

struct Size {
    int rules = 0;
    int criteria = 0;
    bool looks_at_content = false;
    bool takes_words = false;
    bool looks_at_times = false;
    std::vector<std::string_view> denied_labels;
};

// A permit inside a permit takes nothing out by what it looks at.
bool measure(JsonView rule, int depth, bool permits_outside, Size& size) {
    if (depth > Policy::depth_max || ++size.rules > Policy::rules_max || !rule.is_object())
        return false;
    const bool permits = depth == 0 ? permits_outside : rule["type"].string() == "permit";
    const bool widens = depth > 0 && permits && permits_outside;
    for (const fhir::JsonMember& member : rule.members()) {
        size.criteria += 1 + static_cast<int>(std::min<std::size_t>(member.value.size(), 1000000));
        for (const JsonView item : member.value.items())
            size.criteria +=
                static_cast<int>(std::min<std::size_t>(item["coding"].size(), 1000000));
        const std::string_view name = member.name();
        const bool is_on_matter =
            name == "code" || name == "dataPeriod" || name == "securityLabel" || name == "data";
        size.looks_at_times |= name == "dataPeriod";
        size.takes_words |= is_on_matter && !widens;
        size.looks_at_content |= (is_on_matter || name == "class") && !widens;
        if (name == "securityLabel" && rule["type"].string() != "permit")
            for (const JsonView label : member.value.items())
                size.denied_labels.push_back(label["code"].string());
        if (size.criteria > Policy::criteria_max) return false;
    }
    const JsonView nested = rule["provision"];
    if (!nested.is_null() && !nested.is_array()) return false;
    return std::ranges::all_of(
        nested.items(), [&](JsonView child) { return measure(child, depth + 1, permits, size); });
}

// What permits name by label, for this request and for all that goes: a label inside a rule on more
// names it there alone, unless nothing goes but by that rule.
void add_named_labels(JsonView rule, bool permits, const Request& request, Instant now,
                      std::vector<std::string_view>& labels) {
    if (match_circumstances(rule, request, now) != Match::Yes) return;
    for (const JsonView label : rule["securityLabel"].items())
        if (permits && is_label_system(label["system"].string()))
            labels.push_back(label["code"].string());
    const auto children = rule["provision"].items();
    const auto is_permit = [](JsonView child) { return child["type"].string() == "permit"; };
    const bool is_only_way = !permits && std::ranges::count_if(children, is_permit) == 1;
    for (const JsonView child : children)
        if (is_permit(child) && (is_only_way || !(child.has("class") || child.has("code") ||
                                                  child.has("dataPeriod") || child.has("data"))))
            add_named_labels(child, true, request, now, labels);
}

void add_denied_concepts(JsonView rule, bool permits, const Request& request, Instant now,
                         std::vector<JsonView>& concepts) {
    if (match_circumstances(rule, request, now) == Match::No) return;
    for (const JsonView concept_value : rule["code"].items())
        if (!permits) concepts.push_back(concept_value);
    for (const JsonView child : rule["provision"].items())
        add_denied_concepts(child, child["type"].string() == "permit", request, now, concepts);
}

Status check_head(const Json& consent, const std::string& patient, Instant now) {
    if (consent["resourceType"].string() != "Consent") return denied("this is no Consent");
    if (has_modifier(consent)) return denied("the Consent has a modifier that is not known");
    if (has_unknown_element(consent))
        return denied("the Consent has an element that R4 does not have");
    if (consent["status"].string() != "active") return denied("the Consent is not active");
    if (!is_patient_privacy(consent["scope"]))
        return denied("the Consent's scope is not patient-privacy");
    if (!is_of_patient(consent["patient"], patient))
        return denied("the Consent is not provably of this patient");
    const auto given = Datetime::parse(consent["dateTime"].string());
    if (!given) return denied("the Consent does not say when it was given");
    if (given->earliest(Datetime::Zone::AnyZone) > now)
        return denied("the Consent is dated in the future");
    const JsonView verification = consent["verification"];
    if (!verification.is_null() && !verification.is_array())
        return denied("the Consent's verification cannot be read");
    for (const JsonView one : verification.items())
        if (!one["verified"].is_true()) return denied("the Consent was not verified");
    return {};
}

}  // namespace

Result<Policy> Policy::read(const Json& consent, const std::string& patient, const Request& request,
                            Instant now, const Sensitivity& sensitivity) {
    TRY(check_head(consent, patient, now));
    const Overarching overarching = overarching_of(consent["policy"]);
    if (overarching == Overarching::Denies)
        return denied("the Consent's policy does not permit this");
    const Base base = base_of(consent["policyRule"]);
    if (!base.is_understood) return denied("the Consent's policyRule is not understood");

    const Json root = consent.get("provision");
    bool permits = base.permits.value_or(false);
    Size size;
    if (!root.is_null()) {
        const JsonView type = root["type"];
        if (!type.is_null() && type.string() != "permit" && type.string() != "deny")
            return denied("the Consent's root provision has no type that is known");
        // Where the standard gives two places, the stricter word holds.
        if (!type.is_null()) permits = type.string() == "permit" && base.permits.value_or(true);
        if (!measure(root, 0, permits, size))
            return denied("the Consent's provisions are too many or malformed");
        if (root.has("period") && match_period(root["period"], now) != Match::Yes)
            return denied("the Consent does not hold at this time");
    }
    Policy policy(root, permits, overarching == Overarching::OnlyNormal, sensitivity);
    policy.looks_at_content_ = size.looks_at_content;
    policy.takes_words_ = size.takes_words;
    policy.looks_at_times_ = size.looks_at_times;
    add_named_labels(root, permits, request, now, policy.named_labels_);
    for (const JsonView child : root["provision"].items())
        add_denied_concepts(child, child["type"].string() == "permit", request, now,
                            policy.denied_concepts_);
    policy.denied_labels_ = std::move(size.denied_labels);
    return policy;
}

}  // namespace consultd::consent
