// Reasons, all there are: "class-not-permitted", "class-denied", "code-denied", "instance-denied",
// "period", "sensitivity:CODE", "confidentiality:CODE", "actor", "purpose", "undecidable",
// "only-with-withheld", "names-withheld".
#include "adapter/stages/consent/consent.h"

#include <algorithm>
#include <utility>

#include "adapter/stages/consent/filter.h"
#include "adapter/stages/consent/policy.h"

namespace consultd {
namespace {

StaticText why(std::string_view reason) {
    if (reason == "actor") return "the Consent is not for this recipient";
    if (reason == "purpose") return "the Consent is not for this purpose or action";
    if (reason == "period") return "the Consent does not hold at this time";
    if (reason == "undecidable") return "the Consent has a rule that cannot be decided";
    return "the Consent does not let it be said who the patient is, and nothing goes without that";
}

bool has_period(fhir::JsonView rule) {
    return std::ranges::any_of(rule["provision"].items(), [](fhir::JsonView child) {
        return child.has("period") || has_period(child);
    });
}

// Beside the reference that is proven, an identifier may name somebody else.
bool contradicts(fhir::JsonView identifier, fhir::JsonView patient) {
    const std::string_view system = identifier["system"].string();
    const std::string_view value = identifier["value"].string();
    if (system.empty() || value.empty()) return false;
    bool has_system = false;
    for (const fhir::JsonView one : patient["identifier"].items()) {
        if (one["system"].string() != system) continue;
        if (one["value"].string() == value) return false;
        has_system = true;
    }
    return has_system;
}

Status check_patient(const fhir::Json& consent, std::string_view patient,
                     const std::vector<PacketResource>& resources) {
    const fhir::JsonView identifier = consent["patient"]["identifier"];
    for (const PacketResource& one : resources)
        if ((one.source == patient || one.full_url == patient) &&
            contradicts(identifier, one.resource.json()))
            return Error(ErrorKind::Denied, "the Consent is not provably of this patient");
    return {};
}

bool is_same(const PacketResource& left, const PacketResource& right) {
    return left.full_url == right.full_url &&
           same_value(left.resource.json(), right.resource.json());
}

}  // namespace

bool depends_on_time(const fhir::Json& consent) { return has_period(consent["provision"]); }

Status check_outcome(const fhir::Json& consent, const Request& request, const std::string& patient,
                     const std::vector<PacketResource>& resources, Instant now,
                     const Sensitivity& sensitivity, const Budget& budget) {
    TRY_ASSIGN(const Consented before, apply_consent(consent, request, patient, resources,
                                                     request.as_of, sensitivity, budget));
    TRY_ASSIGN(const Consented after,
               apply_consent(consent, request, patient, resources, now, sensitivity, budget));
    if (!std::ranges::equal(before.resources, after.resources, is_same))
        return Error(ErrorKind::Denied,
                     "the Consent decides otherwise now than when the packet was made");
    return {};
}

// A transfer without the Patient is none, so a consent that does not give the minimum of one, gives
// nothing: the recipient, the purpose and the time are decided with it.
Status check_consent(const fhir::Json& consent, const Request& request, const std::string& patient,
                     Instant now) {
    const Sensitivity none;  // the plainest Patient betrays nothing
    TRY_ASSIGN(const consent::Policy policy,
               consent::Policy::read(consent, patient, request, now, none));
    const consent::Decision decision = policy.decide_identity(patient, request, now);
    if (!decision.is_permitted) return Error(ErrorKind::Denied, why(decision.reason));
    return {};
}

bool may_be_told(const fhir::Json& consent, const Request& request, const std::string& patient,
                 const Sensitivity& sensitivity, std::string_view type) {
    const auto policy =
        consent::Policy::read(consent, patient, request, request.as_of, sensitivity);
    const fhir::Json plainest = fhir::Json::object({{"resourceType", type}});
    consent::Signs signs(sensitivity);
    return policy && policy->decide(plainest, {}, {}, request, request.as_of, signs).is_permitted;
}

Result<Consented> apply_consent(const fhir::Json& consent, const Request& request,
                                const std::string& patient, std::vector<PacketResource> resources,
                                Instant now, const Sensitivity& sensitivity, const Budget& budget) {
    TRY(check_consent(consent, request, patient, now));
    TRY(check_patient(consent, patient, resources));
    TRY_ASSIGN(const consent::Policy policy,
               consent::Policy::read(consent, patient, request, now, sensitivity));
    const fhir::JsonScope scope;
    const std::size_t given = resources.size();
    consent::Signs signs(sensitivity);
    consent::Filter filter(std::move(resources), signs, budget);
    TRY_ASSIGN(Consented consented, filter.run(policy, request, now, patient));
    if (consented.resources.size() + consented.withheld.size() != given)
        return Error(ErrorKind::Corrupt,
                     "what the consent keeps and withholds is not what was given");
    return consented;
}

}  // namespace consultd
