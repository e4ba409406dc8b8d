#include "adapter/stages/intake/older_release.h"

#include <algorithm>
#include <array>
#include <vector>

#include "fhir/r4/elements.h"
#include "fhir/r4/shape.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonMember;
using fhir::JsonView;
using Do = ConversionStep::Do;

std::vector<Json> items_of(const Json& list) {
    std::vector<Json> items;
    for (const JsonView item : list.items()) items.push_back(list.share(item));
    return items;
}

// The sibling goes with its member: https://hl7.org/fhir/STU3/json.html#primitive
Json moved(const Json& object, std::string_view from, std::string_view to, const Json& value) {
    if (from == to) return object.with(to, value);
    if (object.has(to)) return object;  // two values of one element: neither is ours to choose
    Json out = object.with(to, value).without(from);
    const std::string old_sibling = "_" + std::string(from), sibling = "_" + std::string(to);
    if (!out.has(old_sibling)) return out;
    return out.with(sibling, out.get(old_sibling)).without(old_sibling);
}

Json concept_of(std::string_view system, std::string_view code) {
    return Json::object(
        {{"coding", Json::array({Json::object({{"system", system}, {"code", code}})})}});
}

// "old=new|…" → the new one of `code`; of "old|…": the old one itself. Absent: it is not among
// them.
std::optional<std::string_view> word_for(std::string_view rows, std::string_view code) {
    while (!code.empty() && !rows.empty()) {
        const std::string_view row = rows.substr(0, rows.find('|'));
        rows.remove_prefix(std::min(row.size() + 1, rows.size()));
        const std::size_t equals = std::min(row.find('='), row.size());
        if (row.substr(0, equals) == code)
            return equals == row.size() ? row : row.substr(equals + 1);
    }
    return std::nullopt;
}

// What was entered in error stays that, whatever else is said of it.
Json with_status(const Json& object, std::string_view name, std::string_view code) {
    return object[name].string() == "entered-in-error" ? object : object.with(name, code);
}

Json flag_taken(const Json& object, const ConversionStep& step) {
    const JsonView flag = object[step.from];
    if (!flag.is_bool()) return object;
    const Json without = object.without(step.from);
    return flag.is_true() ? with_status(without, step.to, step.with) : without;
}

// "Over" beside a status that says that it goes on is not ours to choose between.
Json abated(const Json& object, const ConversionStep& step) {
    const std::string_view status = object[step.to].string();
    const Json without = object.without(step.from);
    if (!object[step.from].is_true()) return object[step.from].is_bool() ? without : object;
    if (status.empty()) return without.with(step.to, "resolved");
    return word_for("inactive|remission|resolved", status) ? without : object;
}

Json created_moved(const Json& object, const ConversionStep& step) {
    const Json content = object.get("content");
    const Json only = content.size() == 1 ? content.share(content.items()[0]) : Json();
    if (!only["attachment"].is_object() || only["attachment"].has("creation")) return object;
    const Json attachment = only.get("attachment").with("creation", object.get(step.from));
    return object.without(step.from).with("content",
                                          Json::array({only.with("attachment", attachment)}));
}

Json hoisted(const Json& object, const ConversionStep& step) {
    const Json outer = object.get(step.from);
    if (!outer.has(step.with) || object.has(step.to)) return object;
    const Json rest = outer.without(step.with);
    const Json out = object.with(step.to, outer.get(step.with));
    return rest.size() == 0 ? out.without(step.from) : out.with(step.from, rest);
}

Json doses_gathered(const Json& dosage) {
    std::vector<std::pair<std::string, Json>> doses, others;
    for (const JsonMember& member : dosage.members()) {
        const std::string_view name = member.name();
        const bool is_dose = name.starts_with("dose") || name.starts_with("rate");
        (is_dose && name != "doseAndRate" ? doses : others)
            .emplace_back(name, dosage.share(member.value));
    }
    if (doses.empty()) return dosage;
    others.emplace_back("doseAndRate", Json::array({Json::object(std::move(doses))}));
    return Json::object(std::move(others));
}

// Those of the code `to`, as references in the member of R4's that has it for a name.
Json related_taken(const Json& object, const ConversionStep& step) {
    std::vector<Json> taken = items_of(object.get(step.with)), left;
    for (const Json& one : items_of(object.get(step.from)))
        if (one["type"].string() == step.to && one["target"].is_object())
            taken.push_back(one.get("target"));
        else
            left.push_back(one);
    Json out = left.empty() ? object.without(step.from)
                            : object.with(step.from, Json::array(std::move(left)));
    return taken.empty() ? out : out.with(step.with, Json::array(std::move(taken)));
}

Json with_note(const Json& object, const ConversionStep& step) {
    const Json text = object.get(step.from);
    if (!text.is_string()) return object;
    std::vector<Json> notes = items_of(object.get(step.to));
    notes.push_back(Json::object({{"text", text}}));
    return object.without(step.from).with(step.to, Json::array(std::move(notes)));
}

std::optional<std::string> joined(const Json& list) {
    std::string text;
    for (const JsonView item : list.items()) {
        if (!item.is_string()) return std::nullopt;
        text += (text.empty() ? "" : " ") + std::string(item.string());
    }
    return text;
}

Json actors_of(const Json& list) {
    std::vector<Json> actors;
    for (const Json& one : items_of(list))
        actors.push_back(one["actor"].is_object() ? one.get("actor") : one);
    return Json::array(std::move(actors));
}

Json changed_value(const Json& object, const ConversionStep& step) {
    const Json value = object.get(step.from);
    const auto as = [&](const Json& next) { return moved(object, step.from, step.to, next); };
    switch (step.what) {
        case Do::Rename:
            return as(value);
        case Do::List:
            return as(value.is_array() ? value : Json::array({value}));
        case Do::First:
            if (value.is_array() && value.size() > 1) return object;
            return as(value.is_array() ? value.share(value.items()[0]) : value);
        case Do::Concept:
            return value.is_string() ? as(concept_of(step.with, value.string())) : object;
        case Do::Coding:
            return value.is_string()
                       ? as(Json::object({{"system", step.with}, {"code", value.string()}}))
                       : object;
        case Do::Inverse:
            return value.is_bool() ? as(Json(!value.is_true())) : object;
        case Do::AsActor:
            return value.is_object() ? as(Json::array({Json::object({{"actor", value}})})) : object;
        case Do::Actors:
            return as(actors_of(value));
        case Do::Agent:
            return value.has("onBehalfOf") || !value["agent"].is_object() ? object
                                                                          : as(value.get("agent"));
        case Do::Encounter:
            return value["reference"].string().find("Encounter/") != std::string_view::npos ||
                           value["reference"].string().starts_with("urn:")
                       ? as(value)
                       : object;
        case Do::Joined:
            if (const auto text = value.is_array() ? joined(value) : std::nullopt) return as(*text);
            return object;
        default:
            return object;
    }
}

Json done(const Json& object, const ConversionStep& step) {
    if (step.what == Do::Doses) return doses_gathered(object);
    if (step.what == Do::Set) return object.has(step.to) ? object : object.with(step.to, step.with);
    if (!object.has(step.from)) return object;
    const std::optional<std::string_view> word = word_for(step.with, object[step.from].string());
    switch (step.what) {
        case Do::Note:
            return with_note(object, step);
        case Do::Codes:
            return word ? with_status(object, step.to, *word) : object;
        case Do::WhenTrue:
            return flag_taken(object, step);
        case Do::Abated:
            return abated(object, step);
        case Do::Related:
            return related_taken(object, step);
        case Do::Created:
            return created_moved(object, step);
        case Do::Hoist:
            return hoisted(object, step);
        case Do::Drop:
            return word ? object.without(step.from) : object;
        default:
            return changed_value(object, step);
    }
}

// In each of the elements that `at` leads to: "", "performer", "reaction".
Json done_at(const Json& object, std::string_view at, const ConversionStep& step) {
    if (at.empty()) return done(object, step);
    const std::size_t dot = std::min(at.find('.'), at.size());
    const std::string_view name = at.substr(0, dot), rest = at.substr(std::min(dot + 1, at.size()));
    const Json value = object.get(name);
    if (value.is_object()) return object.with(name, done_at(value, rest, step));
    if (!value.is_array()) return object;
    std::vector<Json> items;
    for (const Json& item : items_of(value))
        items.push_back(item.is_object() ? done_at(item, rest, step) : item);
    return object.with(name, Json::array(std::move(items)));
}

// Every member is one of R4's, in every depth: nothing is carried that would be read otherwise.
bool is_known(const fhir::r4::Type& declared, JsonView json) {
    const fhir::r4::Type* type = &declared;
    if (type->kind == fhir::r4::Type::Kind::Resource)
        type = fhir::r4::find_type(json["resourceType"].string());
    if (!type) return false;
    return std::ranges::all_of(json.members(), [&](const JsonMember& member) {
        std::string_view name = member.name();
        if (name == "resourceType") return true;
        if (name.starts_with('_')) name.remove_prefix(1);
        const fhir::r4::Type* const below = type->member(name).type;
        if (!below) return false;
        const auto fits = [&](JsonView value) {
            return !value.is_object() || is_known(*below, value);
        };
        return member.value.is_array() ? std::ranges::all_of(member.value.items(), fits)
                                       : fits(member.value);
    });
}

// Types that have another name in R4 are referred to by it.
Json renamed_references(const Json& json) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 1> names{
        {{"MedicationOrder/", "MedicationRequest/"}}};
    if (json.is_array()) {
        std::vector<Json> items;
        for (const Json& item : items_of(json)) items.push_back(renamed_references(item));
        return Json::array(std::move(items));
    }
    Json out = json;
    for (const JsonMember& member : json.members()) {
        if (member.value.is_object() || member.value.is_array())
            out = out.with(member.name(), renamed_references(json.share(member.value)));
        if (member.name() != "reference" || !member.value.is_string()) continue;
        for (const auto& [old_name, name] : names) {
            const std::string text(member.value.string());
            const std::size_t at = text.rfind(old_name);
            if (at == 0 || (at != std::string::npos && text[at - 1] == '/'))
                out = out.with("reference", text.substr(0, at) + std::string(name) +
                                                text.substr(at + old_name.size()));
        }
    }
    return out;
}

// What it claims to be is not what it has become.
Json without_old_profiles(const Json& resource) {
    std::vector<Json> left;
    const Json meta = resource.get("meta");
    for (const Json& profile : items_of(meta.get("profile")))
        if (!profile.string().starts_with("http://hl7.org/fhir/1.0/") &&
            !profile.string().starts_with("http://hl7.org/fhir/3.0/"))
            left.push_back(profile);
    if (left.size() == meta["profile"].size()) return resource;
    const Json cleaned =
        left.empty() ? meta.without("profile") : meta.with("profile", Json::array(std::move(left)));
    return cleaned.size() == 0 ? resource.without("meta") : resource.with("meta", cleaned);
}

// Every step of the type, in order; absent: there is none.
std::optional<Json> stepped(const Json& resource, Release from) {
    const std::string type(resource["resourceType"].string());
    std::optional<Json> out;
    for (const ConversionStep& step : conversion_steps(from)) {
        if (step.type != type) continue;
        if (!out) out = resource;
        if (step.what == Do::Type)
            out = out->with("resourceType", step.to);
        else if (step.what != Do::Keep)
            out = done_at(*out, step.at, step);
    }
    return out;
}

}  // namespace

std::optional<Json> to_r4(const Json& resource, Release from) {
    std::optional<Json> out = stepped(resource, from);
    if (out && from == Release::Dstu2) out = stepped(*out, Release::Stu3);
    if (!out) return std::nullopt;
    out = fhir::r4::reshaped(renamed_references(without_old_profiles(*out)));
    const fhir::r4::Type* const type = fhir::r4::find_type((*out)["resourceType"].string());
    if (!type || !is_known(*type, *out) || !fhir::r4::misshapen_element(*out).empty())
        return std::nullopt;
    return out;
}

}  // namespace consultd
