// What weakens the signs of a resource: a medicine of several uses is a sign of the one that its
// record names, and no more than a possible one of the others; what was refuted; a relative's.
#include <algorithm>
#include <iterator>
#include <set>

#include "adapter/stages/consent/signs.h"

namespace consultd::consent {
namespace {

using fhir::JsonMember;
using fhir::JsonView;

const JsonMember* key_of(JsonView resource) { return resource.members().data(); }
bool is_medicine(JsonView resource) {
    return resource["resourceType"].string().starts_with("Medication");
}

void add_text(std::string_view text, std::string& out) {
    if (!text.empty()) out.append(text).append(". ");
}

// "100 mg": as names have it.
void add_quantity(JsonView quantity, std::string& out) {
    if (quantity.has("value"))
        out.append(quantity["value"].number()).append(" ").append(quantity["unit"].string()) +=
            ". ";
}

// What turned out not to be so is the matter still, one level below.
bool is_refuted(JsonView resource) {
    const auto says = [](JsonView coding) {
        return coding["code"].string() == "refuted" ||
               coding["code"].string() == "entered-in-error";
    };
    return std::ranges::any_of(resource.at("verificationStatus", "coding").items(), says);
}
Sensitivity::Level below(Sensitivity::Level level) {
    return level == Sensitivity::Level::Certain ? Sensitivity::Level::Likely
                                                : Sensitivity::Level::Possible;
}
bool is_near(std::string_view label) {
    return label == "SDV" || label == "HIV" || label == "STD" || label == "GDIS" ||
           label == "SICKLE";
}

}  // namespace

// What the record says a medicine is there for.
struct Signs::Reasons {
    std::string texts;
    std::vector<Coded> codes;
    Sensitivity::Signs matters;
    std::set<const JsonMember*> seen;
};

void Signs::learn_reason(JsonView medicine, JsonView reason) {
    reasons_[key_of(medicine)].push_back(reason);
}
void Signs::learn_use(JsonView medication, JsonView order) {
    uses_[key_of(medication)].push_back(order);
}

void Signs::add_reason(JsonView concept_value, Reasons& reasons) {
    add_text(concept_value["text"].string(), reasons.texts);
    for (const JsonView coding : concept_value["coding"].items()) {
        const std::string_view system = coding["system"].string(), code = coding["code"].string();
        add_text(coding["display"].string(), reasons.texts);
        add_text(name_in_record(system, code), reasons.texts);
        reasons.codes.push_back({system, code});
    }
    std::ranges::copy(of_concept(concept_value), std::back_inserter(reasons.matters));
}

void Signs::add_reasons(JsonView medicine, Reasons& reasons) {
    if (!reasons.seen.insert(key_of(medicine)).second) return;
    for (const JsonView reason : medicine["reasonCode"].items()) add_reason(reason, reasons);
    for (const JsonView reason : medicine["reasonReference"].items()) {
        add_text(reason["display"].string(), reasons.texts);
        std::ranges::copy(sensitivity_.of_name(reason["display"].string()),
                          std::back_inserter(reasons.matters));
    }
    for (const char* const dosages : {"dosageInstruction", "dosage"}) {
        const JsonView given = medicine[dosages];
        const auto add_dosage = [&](JsonView dosage) {
            for (const char* const name : {"text", "patientInstruction"})
                add_text(dosage[name].string(), reasons.texts);
            for (const JsonView one : dosage["additionalInstruction"].items())
                add_reason(one, reasons);
            add_reason(dosage["asNeededCodeableConcept"], reasons);
            for (const JsonView one : dosage["doseAndRate"].items())
                add_quantity(one["doseQuantity"], reasons.texts);
        };
        if (given.is_object()) add_dosage(given);
        for (const JsonView dosage : given.items()) add_dosage(dosage);
    }
    for (const JsonView part : medicine["ingredient"].items())
        add_quantity(part.at("strength", "numerator"), reasons.texts);
    if (const auto known = reasons_.find(key_of(medicine)); known != reasons_.end())
        for (const JsonView reason : known->second) {
            if (is_medicine(reason))
                add_reasons(reason, reasons);
            else
                add_reason(reason["code"], reasons);
        }
}

// A reason that is the matter itself, or is guarded as well as it, is no other one.
bool Signs::has_other_reason(const Sensitivity::Sign& sign, const Reasons& reasons) const {
    const Sensitivity::Row& row = *sign.row;
    const auto is_other = [&](const Coded& one) {
        return Sensitivity::gives_other_reason(row, one.system, one.code);
    };
    if (!Sensitivity::gives_other_reason(row, reasons.texts) &&
        std::ranges::none_of(reasons.codes, is_other))
        return false;
    return std::ranges::none_of(reasons.matters, [&](const Sensitivity::Sign& one) {
        return one.level != Sensitivity::Level::Possible && one.row->label == row.label &&
               (one.row->topic == row.topic || sensitivity_.is_unspoken(*one.row) ||
                !sensitivity_.is_unspoken(row));
    });
}

// A Medication that others use is there for what each of them is there for.
void Signs::weigh_reasons(JsonView resource, Content& content) {
    const auto has_two_uses = [](const Sensitivity::Sign& sign) {
        return sign.row->otherwise != nullptr;
    };
    if (std::ranges::none_of(content.implied, has_two_uses)) return;
    std::vector<Reasons> each(1);
    add_reasons(resource, each.front());
    if (const auto uses = uses_.find(key_of(resource)); uses != uses_.end()) {
        std::vector<Reasons> of_uses(uses->second.size(), each.front());
        for (std::size_t i = 0; i < of_uses.size(); ++i) add_reasons(uses->second[i], of_uses[i]);
        each = std::move(of_uses);
    }
    for (Sensitivity::Sign& sign : content.implied)
        if (has_two_uses(sign) && std::ranges::all_of(each, [&](const Reasons& reasons) {
                return has_other_reason(sign, reasons);
            }))
            sign.level = Sensitivity::Level::Possible;
}

// A relative's matter is a possible one of the patient's, as ICD-10 has it (Z81); a relative's
// violence, virus or gene may well have reached the patient.
void Signs::weigh(JsonView resource, Content& content) {
    using Level = Sensitivity::Level;
    weigh_reasons(resource, content);
    const bool is_family = content.type == "FamilyMemberHistory", is_no_fact = is_refuted(resource);
    for (Sensitivity::Sign& sign : content.implied) {
        if (is_no_fact) sign.level = below(sign.level);
        if (is_family && !is_near(sign.row->label)) sign.level = Level::Possible;
    }
}

}  // namespace consultd::consent
