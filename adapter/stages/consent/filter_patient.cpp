// The Patient goes with every packet: what of it betrays a matter is taken out, and who it is
// stays.
#include <algorithm>
#include <array>

#include "adapter/stages/consent/filter.h"
#include "adapter/stages/consent/plain_person.h"

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

// Of a name, what identifies: whoever is called so is called so.
Json bare_name(const Json& name) {
    Json bare = Json::object({});
    for (const char* const part : {"use", "family", "given"})
        if (name.has(part)) bare = bare.with(part, name.get(part));
    return bare;
}

constexpr std::array<std::string_view, 6> who = {"resourceType", "id",     "text",
                                                 "gender",       "active", "birthDate"};

// What pointed at what it contained leads nowhere.
Json without_contained(const Json& patient) {
    return patient.without("generalPractitioner").without("managingOrganization");
}

bool says(JsonView value, const Names& names) {
    return any_text(value, [&](std::string_view text) { return names.says_matter(text); });
}

}  // namespace

// Who the patient is stays; whatever else of them says the words of a withheld matter, goes.
Json Filter::without_matter(const Json& patient, const Names& names) {
    Json left = patient;
    for (const fhir::JsonMember& member : patient.members()) {
        const std::string_view name = member.name();
        const Json value = patient.get(name);
        if (std::ranges::find(who, name) != who.end() || !says(value, names)) continue;
        std::vector<Json> kept;
        for (const JsonView item : value.items())
            if (!says(item, names))
                kept.push_back(value.share(item));
            else if (name == "name")
                kept.push_back(bare_name(value.share(item)));
        left = kept.empty() ? left.without(name) : left.with(name, Json::array(std::move(kept)));
    }
    return same_value(left["contained"], patient["contained"]) ? left : without_contained(left);
}

// What is told without a word that is a matter's name.
bool Filter::tells_silently(std::string_view name, JsonView one, std::string_view gender,
                            const Policy& policy) {
    if (name == "extension" || name == "_gender")
        return policy.takes("SEX", "gender") && (name == "_gender" || tells_gender(one));
    if (name == "address") return policy.takes("SDV") && is_care_of(one);
    // A picture cannot be read.
    if (name == "photo") return policy.takes_words();
    return name == "contact" && policy.takes("SEX", "orientation") &&
           tells_orientation(one, gender);
}

// What is left of a member of the Patient; null: nothing.
Json Filter::plain_member(std::string_view name, const Json& value, std::string_view gender,
                          const Policy& policy) {
    const auto betrays = [&](const Json& one) {
        return tells_silently(name, one, gender, policy) || policy.takes(signs_.of_words(one)) ||
               (name == "extension" && policy.takes(signs_.of_extension(one)));
    };
    // The labels of the whole are the rules' to decide.
    if (name == "meta" && value.has("security"))
        return betrays(value.without("security"))
                   ? Json::object({{"security", value.get("security")}})
                   : value;
    if (!value.is_array()) return betrays(value) ? Json() : value;
    const bool hides_past = name == "name" && policy.takes("SEX", "gender");
    const Json items = hides_past ? names_of_now(value) : value;
    std::vector<Json> kept;
    for (const JsonView item : items.items()) {
        const Json one = items.share(item);
        const Json said =
            name == "name"
                ? Json::object({{"name", one.without("family").without("given").without("text")}})
                : one;
        if (!betrays(said))
            kept.push_back(one);
        else if (name == "name")
            kept.push_back(bare_name(one));
    }
    return kept.empty() ? Json() : Json::array(std::move(kept));
}

// A matter that goes only where it is named stops nothing that no rule denies: on a Patient its
// label is the high-water mark of a record, and goes with no one.
Json Filter::without_labels(const Json& patient) {
    const Json meta = patient.get("meta");
    const Json labels = meta["security"].is_array() ? meta.get("security") : Json::array({});
    std::vector<Json> levels;
    for (const JsonView label : labels.items())
        if (label["code"].string().size() == 1) levels.push_back(labels.share(label));
    if (levels.size() == labels.size()) return patient;
    const Json left = levels.empty() ? meta.without("security")
                                     : meta.with("security", Json::array(std::move(levels)));
    return left.size() == 0 ? patient.without("meta") : patient.with("meta", left);
}

// The Patient goes with every packet, so what a member of it betrays is taken out of it; who it is
// stays.
void Filter::plain_patient(Item& patient, const Policy& policy) {
    const Json& given = patient.given.resource.json();
    Json plain = given;
    for (const fhir::JsonMember& member : given.members()) {
        const std::string_view name = member.name();
        if (std::ranges::find(who, name) != who.end()) continue;
        const Json value = given.get(name);
        const Json left = plain_member(name, value, given["gender"].string(), policy);
        if (left.is_null())
            plain = plain.without(name);
        else if (!same_value(left, value))
            plain = plain.with(name, left);
    }
    if (!same_value(plain["contained"], given["contained"])) plain = without_contained(plain);
    replace(patient, std::move(plain));
}

void Filter::replace(Item& patient, Json plain) {
    const Json& given = patient.given.resource.json();
    if (same_value(plain, given)) return;
    add_changes(patient.given.full_url, "consent.patient", given, plain, patient_changes_);
    auto made = fhir::Resource::from(std::move(plain));
    if (!made) return;
    originals_.push_back(std::move(patient.given.resource));  // links look at it
    patient.given.resource = *std::move(made);
}

}  // namespace consultd::consent
