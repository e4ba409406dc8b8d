#include "adapter/stages/document/profiles.h"

#include <algorithm>
#include <array>
#include <span>

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

// What an element becomes when the record has none of it.
enum class Absent {
    Object,     // {extension}
    List,       // [{extension}]
    Primitive,  // _element: {extension}
    DateTime,   // _elementDateTime: {extension}
    NameText,   // [{_text: {extension}}], because a name needs one of its parts
};

struct Need {
    StaticText element;  // without its type where it is a choice
    Absent absent;
};

using Check = bool (*)(JsonView resource);

struct ProfileRow {
    StaticText type;
    StaticText url;
    std::span<const Need> needs;
    std::span<const StaticText>
        targets;  // references that must lead to what satisfies its own profile
    Check check;  // what no absence can help; null: nothing
};

bool has(JsonView resource, std::string_view element) {
    if (resource.has(element)) return true;
    const std::string sibling = '_' + std::string(element);
    if (resource.has(sibling)) return true;
    return !choice_of(resource, element).type.empty() || !choice_of(resource, sibling).type.empty();
}

bool is_final(JsonView resource) { return resource["status"].string() == "final"; }

bool has_literal_subject(JsonView resource) {
    const JsonView subject = resource[resource.has("patient") ? "patient" : "subject"];
    return !subject["reference"].string().empty();
}

bool is_ucum(JsonView quantity) {
    return quantity["system"].string() == "http://unitsofmeasure.org" &&
           !quantity["code"].string().empty();
}

bool is_result(JsonView observation) {
    const Choice effective = choice_of(observation, "effective");
    return is_final(observation) && has_literal_subject(observation) &&
           (effective.type.empty() || effective.type == "DateTime" || effective.type == "Period");
}

bool is_laboratory_result(JsonView observation) {
    if (!is_result(observation) ||
        !has_code(observation["category"],
                  "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"))
        return false;
    const Choice value = choice_of(observation, "value");
    if (value.type.empty()) return observation["hasMember"].size() > 0;
    if (value.type == "Quantity") return is_ucum(value.value);
    if (value.type == "Ratio")
        return is_ucum(value.value["numerator"]) && is_ucum(value.value["denominator"]);
    if (value.type == "Range") return is_ucum(value.value["low"]) && is_ucum(value.value["high"]);
    return value.type != "Boolean" && value.type != "Integer" && value.type != "SampledData";
}

// vs-1 asks for the day, vs-2 for a value, a reason for its absence, or parts that have one.
bool is_vital_sign(JsonView observation) {
    const Choice effective = choice_of(observation, "effective");
    if (!has_literal_subject(observation) ||
        !has_code(observation["category"],
                  "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs"))
        return false;
    if (effective.type != "Period" &&
        (effective.type != "DateTime" || effective.value.string().size() < 10))
        return false;
    for (const JsonView& component : observation["component"].items())
        if (choice_of(component, "value").type.empty() && !component.has("dataAbsentReason"))
            return false;
    return !choice_of(observation, "value").type.empty() || observation.has("dataAbsentReason") ||
           observation["component"].size() > 0 || observation["hasMember"].size() > 0;
}

bool is_report(JsonView report) {
    return is_final(report) && has_literal_subject(report) && report["category"].size() <= 1;
}

// con-5: an erroneous Condition has no clinicalStatus, which the profile demands.
bool is_condition(JsonView condition) {
    return has_literal_subject(condition) &&
           !has_code(condition["verificationStatus"], "entered-in-error");
}

constexpr Need patient_needs[] = {{"name", Absent::NameText}, {"birthDate", Absent::Primitive}};
constexpr Need code_needs[] = {{"code", Absent::Object}};
constexpr Need condition_needs[] = {{"clinicalStatus", Absent::Object}, {"code", Absent::Object}};
constexpr Need statement_needs[] = {{"effective", Absent::DateTime}};
constexpr Need procedure_needs[] = {{"code", Absent::Object}, {"performed", Absent::DateTime}};
constexpr Need use_needs[] = {{"timing", Absent::DateTime}};
constexpr Need laboratory_needs[] = {{"effective", Absent::DateTime}, {"performer", Absent::List}};
constexpr Need result_needs[] = {{"effective", Absent::DateTime}};
constexpr Need report_needs[] = {{"category", Absent::List}, {"effective", Absent::DateTime}};
constexpr Need type_needs[] = {{"type", Absent::Object}};
constexpr Need organization_needs[] = {{"name", Absent::Primitive}};
constexpr Need practitioner_needs[] = {{"name", Absent::NameText}};

constexpr StaticText patient_target[] = {"patient"};
constexpr StaticText subject_target[] = {"subject"};
constexpr StaticText medication_targets[] = {"subject", "medicationReference"};
constexpr StaticText use_targets[] = {"subject", "device"};
constexpr StaticText result_targets[] = {"subject", "performer", "hasMember"};
constexpr StaticText laboratory_targets[] = {"subject", "performer", "hasMember", "specimen"};
constexpr StaticText report_targets[] = {"subject", "performer", "specimen"};
constexpr StaticText role_targets[] = {"practitioner", "organization"};
constexpr StaticText procedure_targets[] = {"subject", "performer"};

#define IPS(name) "http://hl7.org/fhir/uv/ips/StructureDefinition/" name "-uv-ips"
// From the StructureDefinitions of hl7.fhir.uv.ips 1.1.0. The first row of a type that a resource
// can satisfy is the one it claims.
constexpr std::array<ProfileRow, 19> rows = {{
    {"Patient", IPS("Patient"), patient_needs, {}, nullptr},
    {"AllergyIntolerance", IPS("AllergyIntolerance"), {}, patient_target, has_literal_subject},
    {"Condition", IPS("Condition"), condition_needs, subject_target, is_condition},
    {"MedicationStatement", IPS("MedicationStatement"), statement_needs, medication_targets,
     has_literal_subject},
    {"MedicationRequest", IPS("MedicationRequest"), {}, medication_targets, has_literal_subject},
    {"Medication", IPS("Medication"), code_needs, {}, nullptr},
    {"Immunization", IPS("Immunization"), {}, patient_target, has_literal_subject},
    {"Procedure", IPS("Procedure"), procedure_needs, procedure_targets, has_literal_subject},
    {"DeviceUseStatement", IPS("DeviceUseStatement"), use_needs, use_targets, has_literal_subject},
    {"Device", IPS("Device"), {}, patient_target, has_literal_subject},
    {"Observation", IPS("Observation-results-laboratory"), laboratory_needs, laboratory_targets,
     is_laboratory_result},
    {"Observation", "http://hl7.org/fhir/StructureDefinition/vitalsigns", {}, {}, is_vital_sign},
    {"Observation", IPS("Observation-results"), result_needs, result_targets, is_result},
    {"DiagnosticReport", IPS("DiagnosticReport"), report_needs, report_targets, is_report},
    {"Specimen", IPS("Specimen"), type_needs, subject_target, has_literal_subject},
    {"Organization", IPS("Organization"), organization_needs, {}, nullptr},
    {"Practitioner", IPS("Practitioner"), practitioner_needs, {}, nullptr},
    {"PractitionerRole", IPS("PractitionerRole"), {}, role_targets, nullptr},
    {"ImagingStudy", IPS("ImagingStudy"), {}, subject_target, has_literal_subject},
}};
#undef IPS

bool can_satisfy(const ProfileRow& row, JsonView resource) {
    if (row.type.view() != resource["resourceType"].string()) return false;
    return row.check == nullptr || row.check(resource);
}

// Which row each resource satisfies, found by striking out until nothing changes: a reference must
// lead to what satisfies a profile itself. Null: none.
class Claims {
public:
    explicit Claims(const std::vector<PacketResource>& resources)
        : resources_(resources), referrers_(resources.size()) {
        for (std::size_t i = 0; i < resources.size(); ++i) {
            position_.emplace(resources[i].full_url, i);
            claimed_.push_back(next_row(i, rows.data()));
        }
        std::vector<std::size_t> front;
        for (std::size_t i = resources.size(); i-- > 0;) {
            add_referrers(i);
            front.push_back(i);
        }
        while (!front.empty()) {
            const std::size_t i = front.back();
            front.pop_back();
            bool changed = false;
            for (; claimed_[i] && !targets_satisfied(i); changed = true)
                claimed_[i] = next_row(i, claimed_[i] + 1);
            // Whoever relied on it is asked again.
            if (changed) front.insert(front.end(), referrers_[i].begin(), referrers_[i].end());
        }
    }
    const ProfileRow* of(std::size_t i) const { return claimed_[i]; }

private:
    const ProfileRow* next_row(std::size_t i, const ProfileRow* from) const {
        const JsonView json = resources_[i].resource.json();
        const ProfileRow* const end = rows.data() + rows.size();
        const ProfileRow* found =
            std::find_if(from, end, [&](const ProfileRow& row) { return can_satisfy(row, json); });
        return found == end ? nullptr : found;
    }

    // Calls with each reference in the element, until one is not taken.
    template <class Takes>
    static bool all_references(JsonView value, const Takes& takes) {
        if (value.is_object()) return takes(value);
        return std::all_of(value.items().begin(), value.items().end(), [&](JsonView item) {
            return takes(item.has("actor") ? item["actor"] : item);
        });
    }

    void add_referrers(std::size_t i) {
        const JsonView json = resources_[i].resource.json();
        for (const ProfileRow* row = claimed_[i]; row; row = next_row(i, row + 1))
            for (const StaticText& name : row->targets)
                all_references(json[name.view()], [&](JsonView reference) {
                    const auto found = position_.find(reference["reference"].string());
                    if (found != position_.end()) referrers_[found->second].push_back(i);
                    return true;
                });
    }

    bool targets_satisfied(std::size_t i) const {
        const JsonView json = resources_[i].resource.json();
        for (const StaticText& name : claimed_[i]->targets)
            if (!all_references(json[name.view()], [&](JsonView reference) {
                    return is_satisfied(reference, name.view());
                }))
                return false;
        return true;
    }

    // Only what lies in the packet and has a profile of its own can fail here.
    bool is_satisfied(JsonView reference, std::string_view element) const {
        const auto found = position_.find(reference["reference"].string());
        if (found == position_.end()) return true;
        const std::string_view type = resources_[found->second].resource.type();
        if (type == "Observation") {
            const ProfileRow* row = claimed_[found->second];
            return row && row->url.view().find("vitalsigns") == std::string_view::npos;
        }
        const bool has_profile = std::any_of(rows.begin(), rows.end(), [&](const ProfileRow& row) {
            return row.type.view() == type;
        });
        // A Device that performs needs to satisfy nothing (Device-observer-uv-ips).
        const bool is_performer = type == "Device" && element != "device";
        return !has_profile || is_performer || claimed_[found->second] != nullptr;
    }

    const std::vector<PacketResource>& resources_;
    std::map<std::string_view, std::size_t> position_;
    std::vector<const ProfileRow*> claimed_;
    std::vector<std::vector<std::size_t>> referrers_;
};

// The resource with the standard's word for absence where the element would be, and the Change that
// says so: the whole element where it was absent, or the extensions of a primitive.
Json fill(const std::string& url, const Json& resource, const Need& need,
          std::vector<Change>& changes) {
    const std::string name(need.element.view());
    std::string path = std::string(resource["resourceType"].string()) + '.' + name;
    std::string member = name;
    Json value = absent_element(), after = value;
    switch (need.absent) {
        case Absent::Object:
            break;
        case Absent::List:
            after = value = Json::array({absent_element()});
            break;
        case Absent::NameText:
            after = value = Json::array({Json::object({{"_text", absent_element()}})});
            break;
        case Absent::Primitive:
        case Absent::DateTime:
            member = '_' + name + (need.absent == Absent::DateTime ? "DateTime" : "");
            path += ".extension";
            after = value.get("extension");
            break;
    }
    changes.push_back({url, std::move(path), "data-absent-reason", {}, after});
    return resource.with(member, value);
}

bool needs_fill(JsonView resource, const Need& need) {
    if (need.absent != Absent::NameText || !resource.has(need.element.view()))
        return !has(resource, need.element.view());
    return false;
}

Json with_profile(const std::string& url, const Json& resource, std::string_view profile,
                  std::vector<Change>& changes) {
    const Json meta = resource.get("meta");
    const Json profiles = meta.get("profile").appended(Json(profile));
    const std::string path = std::string(resource["resourceType"].string()) + ".meta";
    const Json after =
        meta.is_object() ? meta.with("profile", profiles) : Json::object({{"profile", profiles}});
    if (meta.is_object())
        changes.push_back(
            {url, path + ".profile", "profile.claimed", meta.get("profile"), profiles});
    else
        changes.push_back({url, path, "profile.claimed", {}, after});
    return resource.with("meta", after);
}

// Claims of the source that we do not pass on: of families that say how a server answers, not what
// a resource is, and that bind what a reference leads to. Ours leads to a copy that was changed and
// that the patient may have made smaller; whether the claim still holds we cannot check. Other
// claims (mCODE's) carry meaning and stay.
constexpr StaticText claims_not_carried[] = {"http://hl7.org/fhir/us/core/",
                                             "http://hl7.org/fhir/uv/ips/"};

Json without_unchecked_claims(const PacketResource& one, Json json, std::vector<Change>& changes) {
    const Json before = json.get("meta").get("profile");
    std::vector<Json> kept;
    for (const JsonView& profile : before.items())
        if (std::none_of(std::begin(claims_not_carried), std::end(claims_not_carried),
                         [&](const StaticText& family) {
                             return profile.string().starts_with(family.view());
                         }))
            kept.push_back(before.share(profile));
    if (kept.size() == before.size()) return json;
    const Json after = kept.empty() ? Json() : Json::array(std::move(kept));
    const std::string path = std::string(one.resource.type()) + ".meta";
    const Json meta = after.is_null() ? json.get("meta").without("profile")
                                      : json.get("meta").with("profile", after);
    if (meta.size() == 0) {
        changes.push_back({one.full_url, path, "profile.not-carried", json.get("meta"), {}});
        return json.without("meta");
    }
    changes.push_back({one.full_url, path + ".profile", "profile.not-carried", before, after});
    return json.with("meta", meta);
}

bool claims_already(JsonView resource, std::string_view url) {
    for (const JsonView& profile : resource.at("meta", "profile").items())
        if (profile.string().substr(0, profile.string().find('|')) == url) return true;
    return false;
}

}  // namespace

Json absent_reason(std::string_view code) {
    return Json::object({{"url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason"},
                         {"valueCode", code}});
}

Json absent_element(std::string_view code) {
    return Json::object({{"extension", Json::array({absent_reason(code)})}});
}

Result<ProfileClaims> claim_profiles(std::vector<PacketResource> resources) {
    const Claims claims(resources);
    ProfileClaims out;
    for (std::size_t i = 0; i < resources.size(); ++i) {
        const ProfileRow* row = claims.of(i);
        PacketResource& one = resources[i];
        Json json = without_unchecked_claims(one, one.resource.json(), out.changes);
        if (row) {
            for (const Need& need : row->needs)
                if (needs_fill(json, need)) json = fill(one.full_url, json, need, out.changes);
            if (!claims_already(json, row->url.view()))
                json = with_profile(one.full_url, json, row->url.view(), out.changes);
        }
        TRY_ASSIGN(one.resource, fhir::Resource::from(std::move(json)));
    }
    out.resources = std::move(resources);
    return out;
}

}  // namespace consultd
