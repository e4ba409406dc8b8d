#include "adapter/stages/pull/patient.h"

#include <algorithm>
#include <array>

#include "fhir/base/crypto.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::JsonMember;
using fhir::JsonView;
using fhir::Reference;

enum class Need { Required, Optional, None, Target };

struct TypeRow {
    std::string_view type;
    std::string_view subject;  // dotted path of the element that says whom it is about
    Need need = Need::Required;
    std::string_view others = "";  // elements, by spaces, that may name another patient
};

// Types and elements: https://hl7.org/fhir/R4/compartmentdefinition-patient.html with the elements
// behind its parameters, from each resource's definition. Sorted by type.
constexpr auto rows = std::to_array<TypeRow>({
    {"Account", "subject"},
    {"AdverseEvent", "subject"},
    {"AllergyIntolerance", "patient"},
    {"Appointment", "participant.actor"},
    {"Binary", "", Need::None},
    {"BodyStructure", "patient"},
    {"CarePlan", "subject"},
    {"CareTeam", "subject"},
    {"ChargeItem", "subject"},
    {"Claim", "patient"},
    {"ClaimResponse", "patient"},
    {"ClinicalImpression", "subject"},
    {"Communication", "subject"},
    {"CommunicationRequest", "subject"},
    {"Composition", "subject"},
    {"Condition", "subject"},
    {"Consent", "patient"},
    // A parent may be the subscriber of a child's insurance.
    {"Coverage", "beneficiary", Need::Required, "subscriber policyHolder payor"},
    {"DetectedIssue", "patient"},
    {"Device", "patient", Need::Optional},
    {"DeviceDefinition", "", Need::None},
    {"DeviceRequest", "subject"},
    {"DeviceUseStatement", "subject"},
    {"DiagnosticReport", "subject"},
    {"DocumentManifest", "subject"},
    {"DocumentReference", "subject"},
    {"Encounter", "subject"},
    {"Endpoint", "", Need::None},
    {"EpisodeOfCare", "patient"},
    {"ExplanationOfBenefit", "patient"},
    {"FamilyMemberHistory", "patient"},
    {"Flag", "subject"},
    {"Goal", "subject"},
    {"GuidanceResponse", "subject"},
    {"HealthcareService", "", Need::None},
    {"ImagingStudy", "subject"},
    {"Immunization", "patient"},
    {"ImmunizationEvaluation", "patient"},
    {"ImmunizationRecommendation", "patient"},
    {"List", "subject"},
    {"Location", "", Need::None},
    {"Media", "subject"},
    {"Medication", "", Need::None},
    {"MedicationAdministration", "subject"},
    {"MedicationDispense", "subject"},
    {"MedicationKnowledge", "", Need::None},
    {"MedicationRequest", "subject"},
    {"MedicationStatement", "subject"},
    {"MolecularSequence", "patient"},
    {"NutritionOrder", "patient"},
    {"Observation", "subject"},
    {"Organization", "", Need::None},
    {"Practitioner", "", Need::None},
    {"PractitionerRole", "", Need::None},
    {"Procedure", "subject"},
    {"Provenance", "target", Need::Target},
    {"Questionnaire", "", Need::None},
    {"QuestionnaireResponse", "subject"},
    {"RelatedPerson", "patient"},
    {"RequestGroup", "subject"},
    {"ResearchStudy", "", Need::None},
    {"ResearchSubject", "individual"},
    {"RiskAssessment", "subject"},
    {"ServiceRequest", "subject"},
    {"Specimen", "subject"},
    {"Substance", "", Need::None},
    {"SupplyDelivery", "patient"},
    {"Task", "for"},
    {"VisionPrescription", "patient"},
});

const TypeRow* row_of(std::string_view type) {
    const auto row =
        std::lower_bound(rows.begin(), rows.end(), type,
                         [](const TypeRow& r, std::string_view t) { return r.type < t; });
    return row != rows.end() && row->type == type ? &*row : nullptr;
}

bool is_at_base(const fhir::Url& base, std::string_view text) {
    const Result<fhir::Url> url = fhir::Url::parse(text);
    if (!url || url->host() != base.host() || !url->query().empty()) return false;
    const auto is_default = [](const fhir::Url& u) {
        return u.port() == (u.is_https() ? 443 : 80);
    };
    if (url->port() != base.port() && !(is_default(*url) && is_default(base))) return false;
    const auto trimmed = [](std::string_view path) {
        while (!path.empty() && path.back() == '/') path.remove_suffix(1);
        return path;
    };
    return trimmed(url->path()) == trimmed(base.path());
}

// What one reference to a patient says.
enum class Says { Ours, Other, Nothing };

Says identifier_says(JsonView identifier, const PatientIdentity& patient) {
    const std::string_view system = identifier["system"].string();
    const std::string_view value = identifier["value"].string();
    if (system.empty() || value.empty()) return Says::Nothing;
    bool knows_system = false;
    for (const auto& [our_system, our_value] : patient.identifiers) {
        if (our_system != system) continue;
        if (our_value == value) return Says::Ours;
        knows_system = true;
    }
    return knows_system ? Says::Other : Says::Nothing;
}

Says patient_resource_says(JsonView contained, const PatientIdentity& patient) {
    Says says = Says::Nothing;
    for (const JsonView identifier : contained["identifier"].items()) {
        const Says one = identifier_says(identifier, patient);
        if (one == Says::Ours) return one;
        if (one == Says::Other) says = one;
    }
    return says;
}

// Looks through a resource for other patients; `found` only gets worse.
class OtherPatients {
public:
    OtherPatients(const PatientIdentity& patient, std::string_view allowed)
        : patient_(patient), allowed_(allowed) {}

    void look_at_resource(JsonView resource) {
        for (const JsonMember& member : resource.members())
            if (!is_allowed(member.name())) look_at(member.value);
    }
    Belonging found() const { return found_; }

private:
    bool is_allowed(std::string_view name) const {
        for (std::string_view rest = allowed_; !rest.empty();) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            if (rest.substr(0, end) == name) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return false;
    }
    void look_at(JsonView json) {
        for (const JsonView item : json.items()) look_at(item);
        if (!json.is_object()) return;
        if (json["reference"].is_string()) look_at_reference(json);
        // A logical reference. https://hl7.org/fhir/R4/references.html#logical
        else if (json["type"].string() == "Patient" &&
                 identifier_says(json["identifier"], patient_) == Says::Other)
            worsen(Belonging::Wrong);
        if (json["resourceType"].string() == "Patient") {
            const Says says = patient_resource_says(json, patient_);
            if (says != Says::Ours)
                worsen(says == Says::Other ? Belonging::Wrong : Belonging::Unproven);
        }
        for (const JsonMember& member : json.members()) look_at(member.value);
    }
    void look_at_reference(JsonView json) {
        const Reference reference = Reference::parse(json["reference"].string());
        const bool is_literal = reference.form == Reference::Form::Relative ||
                                reference.form == Reference::Form::Absolute;
        if (!is_literal) {
            if (reference.text.starts_with("Patient?") || reference.text.starts_with("Patient/"))
                worsen(Belonging::Unproven);
            return;
        }
        if (reference.type != "Patient") return;
        const std::optional<std::string> key = key_at_base(patient_.base, reference.text);
        if (!key)
            worsen(Belonging::Unproven);
        else if (reference.id != patient_.id ||
                 identifier_says(json["identifier"], patient_) == Says::Other)
            worsen(Belonging::Wrong);
    }
    void worsen(Belonging to) {
        if (found_ != Belonging::Wrong) found_ = to;
    }
    const PatientIdentity& patient_;
    std::string_view allowed_;
    Belonging found_ = Belonging::Ours;
};

bool names_our_patient(JsonView resource, JsonView subject, const PatientIdentity& patient) {
    const Reference reference = Reference::parse(subject["reference"].string());
    if (reference.form == Reference::Form::Contained) {
        for (const JsonView contained : resource["contained"].items())
            if (contained["id"].string() == reference.id && !reference.id.empty())
                return contained["resourceType"].string() == "Patient" &&
                       patient_resource_says(contained, patient) == Says::Ours;
        return false;
    }
    return key_at_base(patient.base, reference.text) == "Patient/" + patient.id;
}

bool any_names_our_patient(JsonView resource, JsonView from, std::string_view path,
                           const PatientIdentity& patient) {
    if (from.is_array()) {
        for (const JsonView item : from.items())
            if (any_names_our_patient(resource, item, path, patient)) return true;
        return false;
    }
    if (path.empty()) return from.is_object() && names_our_patient(resource, from, patient);
    const std::size_t dot = std::min(path.find('.'), path.size());
    return any_names_our_patient(resource, from[path.substr(0, dot)],
                                 path.substr(std::min(dot + 1, path.size())), patient);
}

// Something in a document says that it is our patient's.
bool speaks_of_ours(JsonView json, const PatientIdentity& patient) {
    if (json["resourceType"].string() == "Patient" &&
        patient_resource_says(json, patient) == Says::Ours)
        return true;
    if (key_at_base(patient.base, json["reference"].string()) == "Patient/" + patient.id)
        return true;
    const auto speaks = [&](JsonView inner) { return speaks_of_ours(inner, patient); };
    return std::ranges::any_of(json.items(), speaks) ||
           std::ranges::any_of(json.members(),
                               [&](const JsonMember& member) { return speaks(member.value); });
}

// What begins like JSON; a byte order mark and white space may stand before it.
bool may_be_json(std::string_view base64) {
    constexpr std::size_t enough = 64;
    const auto head = crypto::from_base64(base64.substr(0, enough), crypto::WhiteSpace::Skip);
    const std::string_view text = head ? std::string_view(*head) : std::string_view();
    const std::size_t begin = text.find_first_not_of("\xef\xbb\xbf \t\r\n");
    return begin != std::string_view::npos ? text[begin] == '{' : !base64.empty();
}

// A FHIR resource in the bytes of a Binary is one like any other; other bytes are their document's.
Belonging belonging_of_bytes(std::string_view base64, const PatientIdentity& patient) {
    if (!may_be_json(base64)) return Belonging::Shared;
    auto bytes = crypto::from_base64(base64, crypto::WhiteSpace::Skip);
    if (!bytes) return Belonging::Shared;
    if (bytes->starts_with("\xef\xbb\xbf")) bytes->erase(0, 3);
    const Result<fhir::Json> json = fhir::Json::parse(*std::move(bytes));
    if (!json)
        return json.error().kind() == ErrorKind::TooLarge ? Belonging::Unproven : Belonging::Shared;
    if (!(*json)["resourceType"].is_string()) return Belonging::Shared;
    if ((*json)["resourceType"].string() == "Bundle") {
        OtherPatients others(patient, "");
        others.look_at_resource(*json);
        if (others.found() != Belonging::Ours) return others.found();
        return speaks_of_ours(*json, patient) ? Belonging::Shared : Belonging::Unproven;
    }
    const Result<fhir::Resource> inner = fhir::Resource::from(*json);
    if (!inner) return Belonging::Unproven;
    const Belonging belonging = belonging_of(*inner, "", patient);
    return belonging == Belonging::Ours ? Belonging::Shared : belonging;
}

void collect_references(JsonView json, std::vector<std::string_view>& found) {
    if (json["reference"].is_string()) found.push_back(json["reference"].string());
    for (const JsonView item : json.items()) collect_references(item, found);
    for (const JsonMember& member : json.members()) collect_references(member.value, found);
}

}  // namespace

PatientIdentity PatientIdentity::of(const fhir::Url& base, const fhir::Resource& patient) {
    PatientIdentity identity{base, std::string(patient.id()), {}};
    for (const JsonView identifier : patient["identifier"].items()) {
        const std::string_view system = identifier["system"].string();
        const std::string_view value = identifier["value"].string();
        if (!system.empty() && !value.empty()) identity.identifiers.emplace_back(system, value);
    }
    return identity;
}

Belonging belonging_of(const fhir::Resource& resource, std::string_view full_url,
                       const PatientIdentity& patient) {
    // What an entry of another server names, is named there; its Patient of the same id is another.
    const bool is_elsewhere = full_url.starts_with("http") && !key_at_base(patient.base, full_url);
    if (resource.type() == "Patient") {
        if (resource.id() != patient.id || is_elsewhere) return Belonging::Wrong;
        OtherPatients others(patient, "link");
        others.look_at_resource(resource.json());
        return others.found();
    }
    const TypeRow* row = row_of(resource.type());
    if (row == nullptr) return Belonging::Unproven;
    if (is_elsewhere) return Belonging::Unproven;
    OtherPatients others(patient, row->others);
    others.look_at_resource(resource.json());
    if (others.found() != Belonging::Ours) return others.found();
    switch (row->need) {
        case Need::None:
            return resource.type() == "Binary"
                       ? belonging_of_bytes(resource["data"].string(), patient)
                       : Belonging::Shared;
        case Need::Target:
            return Belonging::ByTarget;
        case Need::Optional:
            if (resource[row->subject].is_null()) return Belonging::Shared;
            break;
        case Need::Required:
            break;
    }
    return any_names_our_patient(resource.json(), resource.json(), row->subject, patient)
               ? Belonging::Ours
               : Belonging::Unproven;
}

bool is_kept_type(std::string_view type) { return row_of(type) != nullptr; }

bool is_shared_type(std::string_view type) {
    const TypeRow* row = row_of(type);
    return row != nullptr && (row->need == Need::None || row->need == Need::Optional);
}

std::optional<std::string> key_at_base(const fhir::Url& base, std::string_view text) {
    const Reference reference = Reference::parse(text);
    if (reference.form == Reference::Form::Relative ||
        (reference.form == Reference::Form::Absolute && is_at_base(base, reference.base)))
        return reference.key();
    return std::nullopt;
}

std::vector<std::string_view> literal_references(JsonView json) {
    std::vector<std::string_view> found;
    collect_references(json, found);
    return found;
}

bool has_unknown_modifier(JsonView json) {
    if (json["modifierExtension"].size() > 0 || json["implicitRules"].is_string()) return true;
    for (const JsonView item : json.items())
        if (has_unknown_modifier(item)) return true;
    for (const JsonMember& member : json.members())
        if (has_unknown_modifier(member.value)) return true;
    return false;
}

bool has_clinical(const Record& record) {
    return std::ranges::any_of(record.resources, [](const PulledResource& pulled) {
        const std::string_view type = pulled.resource.type();
        return !is_shared_type(type) && type != "Patient" && type != "RelatedPerson" &&
               type != "Coverage" && type != "Provenance";
    });
}

}  // namespace consultd
