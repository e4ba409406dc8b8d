#include "adapter/stages/reading/display_care.h"

#include <array>
#include <optional>
#include <utility>

#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Words = std::pair<std::string_view, std::string_view>;

template <std::size_t n>
std::string words_for(const std::array<Words, n>& table, std::string_view code) {
    for (const auto& [known, words] : table)
        if (known == code) return std::string(words);
    return {};
}

// What a reference leads to, in the packet or within its owner; absent: nowhere.
std::optional<fhir::Resource> target_of(const fhir::Resource& owner, JsonView reference,
                                        const PacketIndex& index) {
    if (const PacketResource* there = index.find(reference["reference"].string()))
        return there->resource;
    const JsonView held = index.resolve(reference, owner.json());
    if (held.is_null()) return std::nullopt;
    Result<fhir::Resource> read = fhir::Resource::from(owner.json().share(held));
    return read ? std::optional(*std::move(read)) : std::nullopt;
}

// What was entered in error is named nowhere.
bool is_in_error(const fhir::Resource& one) {
    return one["status"].string() == "entered-in-error" ||
           has_code(one["verificationStatus"], "entered-in-error");
}

// The day that something is planned for, as far as it says one.
std::string day_of(const fhir::Resource& one) {
    const Choice when = choice_of(one.json(), "occurrence");
    std::string out = when.value.is_string() ? date_text(when.value.string()) : std::string();
    if (when.type == "Period") out = date_text(when.value["start"].string());
    return out.empty() ? date_text(one["start"].string()) : out;
}

// "Mastectomy left, active, 1 Dec 2026". What was entered in error is not told.
std::string referred_text(const fhir::Resource& owner, JsonView reference,
                          const PacketIndex& index) {
    const std::optional<fhir::Resource> one = target_of(owner, reference, index);
    if (!one) return std::string(reference["display"].string());
    if (is_in_error(*one)) return {};
    std::string out = item_text(*one, index);
    if ((*one)["doNotPerform"].is_true()) out.insert(0, "do not do this: ");
    if (one->type().starts_with("Medication")) join(out, " ", detail_text(*one, index));
    join(out, ", ", (*one)["intent"].string() == "order" ? "" : (*one)["intent"].string());
    join(out, ", ", status_text(*one));
    join(out, ", ", day_of(*one));
    return out;
}

}  // namespace

std::string plan_detail(const fhir::Resource& plan, const PacketIndex& index) {
    std::string out;
    for (const JsonView& activity : plan["activity"].items()) {
        const JsonView detail = activity["detail"];
        std::string one = concept_text(detail["code"]);
        if (one.empty()) one = referred_text(plan, activity["reference"], index);
        join(one, ": ", detail["description"].string());
        if (detail["doNotPerform"].is_true()) one.insert(0, "do not do this: ");
        join(one, ", ", detail["status"].string());
        join(one, ": ", concept_text(detail["statusReason"]));
        join(out, "; ", one);
        for (const JsonView& note : activity["progress"].items())
            join(out, "; ", note["text"].string());
    }
    return out;
}

std::string goal_detail(JsonView goal) {
    std::string out;
    for (const JsonView& target : goal["target"].items()) {
        std::string one = concept_text(target["measure"]);
        join(one, " ", choice_text(choice_of(target, "detail")));
        if (const std::string due = choice_text(choice_of(target, "due")); !due.empty())
            join(one, ", ", "due " + due);
        join(out, "; ", one);
    }
    return out;
}

std::string actions_detail(JsonView group) {
    std::string out;
    for (const JsonView& action : group["action"].items()) {
        std::string one(action["title"].string());
        if (one.empty()) one = concepts_text(action["code"]);
        join(one, ": ", action["description"].string());
        join(out, "; ", one);
        join(out, "; ", actions_detail(action));
    }
    return out;
}

std::string empty_words(JsonView list) {
    // https://hl7.org/fhir/R4/valueset-list-empty-reason.html
    constexpr std::array<Words, 6> reasons = {{{"nilknown", "nil known"},
                                               {"notasked", "not asked"},
                                               {"withheld", "information withheld"},
                                               {"unavailable", "unavailable"},
                                               {"notstarted", "not started"},
                                               {"closed", "closed"}}};
    const JsonView reason = list["emptyReason"];
    for (const JsonView& coding : reason["coding"].items())
        if (std::string words = words_for(reasons, coding["code"].string()); !words.empty())
            return words;
    return concept_text(reason);
}

std::string list_detail(const fhir::Resource& list, const PacketIndex& index) {
    std::string out;
    for (const JsonView& entry : list["entry"].items()) {
        const std::string flag = concept_text(entry["flag"]);
        if (flag.empty() && !entry["deleted"].is_true()) continue;
        const std::optional<fhir::Resource> item = target_of(list, entry["item"], index);
        if (item && is_in_error(*item)) continue;
        std::string one(item ? item_text(*item, index) : entry["item"]["display"].string());
        if (one.empty()) one = "an entry";
        join(one, ": ", flag);
        if (entry["deleted"].is_true()) join(one, ", ", "taken out of the list");
        join(one, ", ", date_text(entry["date"].string()));
        join(out, "; ", one);
    }
    if (const std::string empty = empty_words(list.json()); !empty.empty())
        join(out, "; ", "empty: " + empty);
    return out;
}

std::string visit_detail(const fhir::Resource& visit, const PacketIndex& index) {
    // https://terminology.hl7.org/CodeSystem-v3-ActCode.html
    constexpr std::array<Words, 7> classes = {{{"IMP", "inpatient"},
                                               {"ACUTE", "inpatient, acute"},
                                               {"NONACUTE", "inpatient, not acute"},
                                               {"EMER", "emergency"},
                                               {"OBSENC", "under observation"},
                                               {"SS", "short stay"},
                                               {"HH", "at home"}}};
    std::string out = words_for(classes, visit["class"]["code"].string());
    for (const JsonView& place : visit["location"].items()) {
        std::string one = reference_text(place["location"], visit.json(), index);
        if (one.empty()) continue;
        if (place["status"].string() == "planned") one += " (planned)";
        join(out, ", ", one);
    }
    join(out, ", ", reference_text(visit["serviceProvider"], visit.json(), index));
    if (const std::string to = concept_text(visit["hospitalization"]["dischargeDisposition"]);
        !to.empty())
        join(out, ", ", "discharged: " + to);
    return out;
}

std::string device_name(JsonView device) {
    std::string text(first_of(device["deviceName"])["name"].string());
    if (text.empty()) text = concept_text(device["type"]);
    return text.empty() ? std::string(device["modelNumber"].string()) : text;
}

std::string device_detail(JsonView device) {
    const std::string name = device_name(device);
    std::string out = concept_text(device["type"]);
    if (out == name) out.clear();
    join(out, ", ", concepts_text(device["safety"]));
    join(out, ", ", device["manufacturer"].string());
    const auto add = [&](std::string_view label, std::string_view value) {
        if (!value.empty() && value != name)
            join(out, ", ", std::string(label) + std::string(value));
    };
    add("model ", device["modelNumber"].string());
    add("serial number ", device["serialNumber"].string());
    add("lot ", device["lotNumber"].string());
    return out;
}

std::string issue_detail(const fhir::Resource& issue, const PacketIndex& index) {
    std::string out(issue["severity"].string()), about;
    if (!out.empty()) out.insert(0, "severity ");
    for (const JsonView& one : issue["implicated"].items()) {
        const std::optional<fhir::Resource> what = target_of(issue, one, index);
        if (what && is_in_error(*what)) continue;
        const std::string name = what ? item_text(*what, index) : std::string();
        join(about, ", ", name.empty() ? one["display"].string() : name);
    }
    join(out, "; ", about);
    for (const JsonView& one : issue["mitigation"].items())
        if (const std::string action = concept_text(one["action"]); !action.empty())
            join(out, "; ", "done against it: " + action);
    return out;
}

}  // namespace consultd
