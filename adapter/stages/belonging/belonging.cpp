#include "adapter/stages/belonging/belonging.h"

#include <algorithm>

#include "adapter/stages/belonging/bytes.h"
#include "fhir/base/text_fold.h"
#include "fhir/r4/facts.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::JsonMember;
using fhir::JsonView;
using fhir::Reference;
using fhir::r4::About;
using fhir::r4::Facts;
using fhir::r4::Sharing;

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
    OtherPatients(const PatientIdentity& patient, std::size_t file)
        : patient_(patient), file_(file) {}

    // Those elements of the resource that may name another patient, `facts` tells.
    void look_at_resource(JsonView resource, const Facts* facts) {
        for (const JsonMember& member : resource.members())
            if (!may_name_others(facts, member.name())) look_at(member.value);
    }
    Belonging found() const { return found_; }

private:
    static bool may_name_others(const Facts* facts, std::string_view member) {
        if (!facts) return false;
        if (facts->type.view() == "Patient") return member == "link";
        return std::ranges::any_of(facts->of(About::Other), [&](const fhir::r4::Fact& fact) {
            return fact.element.view() == member;
        });
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
        const std::string_view text = json["reference"].string();
        if (const auto key = patient_.addresses.key(text, file_)) {
            if (!key->starts_with("Patient/")) return;
            if (*key != patient_.key() ||
                identifier_says(json["identifier"], patient_) == Says::Other)
                worsen(Belonging::Wrong);
            return;
        }
        // A patient, and not one of this source by its id: elsewhere, by a search, by a broken id.
        if (Reference::parse(text).type == "Patient" || text.starts_with("Patient?") ||
            text.starts_with("Patient/"))
            worsen(Belonging::Unproven);
    }
    void worsen(Belonging to) {
        if (found_ != Belonging::Wrong) found_ = to;
    }
    const PatientIdentity& patient_;
    std::size_t file_;
    Belonging found_ = Belonging::Ours;
};

bool names_our_patient(JsonView resource, JsonView subject, const Origin& origin,
                       const PatientIdentity& patient) {
    const Reference reference = Reference::parse(subject["reference"].string());
    if (reference.form == Reference::Form::Contained) {
        for (const JsonView contained : resource["contained"].items())
            if (contained["id"].string() == reference.id && !reference.id.empty())
                return contained["resourceType"].string() == "Patient" &&
                       patient_resource_says(contained, patient) == Says::Ours;
        return false;
    }
    return patient.addresses.key(reference.text, origin.file) == patient.key();
}

bool any_names_our_patient(const Facts& facts, JsonView resource, const Origin& origin,
                           const PatientIdentity& patient) {
    return std::ranges::any_of(facts.of(About::Subject), [&](const fhir::r4::Fact& fact) {
        return std::ranges::any_of(
            fhir::r4::values_of(resource, fact.element.view()), [&](const auto& found) {
                return names_our_patient(resource, found.value, origin, patient);
            });
    });
}

bool says_a_subject(const Facts& facts, JsonView resource) {
    return std::ranges::any_of(facts.of(About::Subject), [&](const fhir::r4::Fact& fact) {
        return !fhir::r4::values_of(resource, fact.element.view()).empty();
    });
}

// Something in a document says that it is our patient's.
bool speaks_of_ours(JsonView json, std::size_t file, const PatientIdentity& patient) {
    if (json["resourceType"].string() == "Patient" &&
        patient_resource_says(json, patient) == Says::Ours)
        return true;
    if (patient.addresses.key(json["reference"].string(), file) == patient.key()) return true;
    const auto speaks = [&](JsonView inner) { return speaks_of_ours(inner, file, patient); };
    return std::ranges::any_of(json.items(), speaks) ||
           std::ranges::any_of(json.members(),
                               [&](const JsonMember& member) { return speaks(member.value); });
}

// Of bytes that lie in a resource itself: an attachment, a Binary in it, an extension.
Belonging belonging_inside(JsonView json, std::size_t file, const PatientIdentity& patient) {
    for (const char* const name : {"data", "valueBase64Binary"}) {
        if (!json[name].is_string()) continue;
        const Belonging found = belonging_of_bytes(json[name].string(), file, patient);
        if (found == Belonging::Wrong || found == Belonging::Unproven) return found;
    }
    for (const JsonView item : json.items())
        if (const Belonging found = belonging_inside(item, file, patient);
            found != Belonging::Shared)
            return found;
    for (const JsonMember& member : json.members())
        if (const Belonging found = belonging_inside(member.value, file, patient);
            found != Belonging::Shared)
            return found;
    return Belonging::Shared;
}

}  // namespace

PatientIdentity PatientIdentity::of(Addresses addresses, std::string id, JsonView patient) {
    PatientIdentity identity{std::move(addresses), std::move(id), {}, {}, {}};
    for (const JsonView identifier : patient["identifier"].items()) {
        const std::string_view system = identifier["system"].string();
        const std::string_view value = identifier["value"].string();
        if (!system.empty() && !value.empty()) identity.identifiers.emplace_back(system, value);
    }
    identity.birth_date = patient["birthDate"].string();
    for (const JsonView name : patient["name"].items())
        if (!name["family"].string().empty())
            identity.families.push_back(folded(name["family"].string()));
    return identity;
}

Belonging belonging_of_bundle(JsonView bundle, std::size_t file, const PatientIdentity& patient) {
    OtherPatients others(patient, file);
    others.look_at_resource(bundle, nullptr);
    if (others.found() != Belonging::Ours) return others.found();
    return speaks_of_ours(bundle, file, patient) ? Belonging::Shared : Belonging::Unproven;
}

Belonging belonging_of(const fhir::Resource& resource, const Origin& origin,
                       const PatientIdentity& patient) {
    // What an entry of another server names, is named there; its Patient of the same id is another.
    const bool is_elsewhere = patient.addresses.is_elsewhere(origin.full_url);
    const bool is_patient = resource.type() == "Patient";
    if (is_patient && (origin.key != patient.key() || is_elsewhere)) return Belonging::Wrong;
    const Facts* facts = fhir::r4::find_facts(resource.type());
    if (!facts || facts->sharing == Sharing::None || is_elsewhere) return Belonging::Unproven;
    OtherPatients others(patient, origin.file);
    others.look_at_resource(resource.json(), facts);
    if (others.found() != Belonging::Ours) return others.found();
    if (const Belonging inside = belonging_inside(resource.json(), origin.file, patient);
        inside != Belonging::Shared)
        return inside;
    if (is_patient) return others.found();
    if (resource.type() == "Binary") return Belonging::Shared;
    if (facts->sharing == Sharing::Shared) return Belonging::Shared;
    if (facts->sharing == Sharing::ByTarget) return Belonging::ByTarget;
    if (facts->sharing == Sharing::PatientsOrShared && !says_a_subject(*facts, resource.json()))
        return Belonging::Shared;
    return any_names_our_patient(*facts, resource.json(), origin, patient) ? Belonging::Ours
                                                                           : Belonging::Unproven;
}

bool names_ours(const fhir::Resource& resource, const Origin& origin,
                const PatientIdentity& patient) {
    const Facts* const facts = fhir::r4::find_facts(resource.type());
    return facts && !patient.addresses.is_elsewhere(origin.full_url) &&
           any_names_our_patient(*facts, resource.json(), origin, patient);
}

std::optional<StaticText> refusal_of(Belonging belonging) {
    if (belonging == Belonging::Wrong) return StaticText("wrong-patient");
    if (belonging == Belonging::Unproven) return StaticText("unproven-patient");
    return std::nullopt;
}

bool is_kept_type(std::string_view type) {
    const Facts* facts = fhir::r4::find_facts(type);
    return facts && facts->sharing != Sharing::None;
}

bool has_unknown_modifier(JsonView json) {
    if (json["modifierExtension"].size() > 0 || json["implicitRules"].is_string()) return true;
    for (const JsonView item : json.items())
        if (has_unknown_modifier(item)) return true;
    for (const JsonMember& member : json.members())
        if (has_unknown_modifier(member.value)) return true;
    return false;
}

}  // namespace consultd
