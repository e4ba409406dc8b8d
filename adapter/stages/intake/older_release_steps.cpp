#include <algorithm>
#include <vector>

#include "adapter/stages/intake/older_release.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonMember;
using fhir::JsonView;
using Do = ConversionStep::Do;

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

// "7", "true"
std::string text_of(JsonView value) {
    if (value.is_bool()) return value.is_true() ? "true" : "false";
    return std::string(value.string());
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
// https://hl7.org/fhir/DSTU2/careplan-definitions.html#CarePlan.relatedPlan has other names for it.
Json related_taken(const Json& object, const ConversionStep& step) {
    std::vector<Json> taken = items_of(object.get(step.with)), left;
    for (const Json& one : items_of(object.get(step.from))) {
        const bool is_plan = one["plan"].is_object();
        const Json target = one.get(is_plan ? "plan" : "target");
        if (one[is_plan ? "code" : "type"].string() == step.to && target.is_object())
            taken.push_back(target);
        else
            left.push_back(one);
    }
    Json out = left.empty() ? object.without(step.from)
                            : object.with(step.from, Json::array(std::move(left)));
    return taken.empty() ? out : out.with(step.with, Json::array(std::move(taken)));
}

// The items that have nothing but the member `with` go, as its values, into the list `to`.
Json collected(const Json& object, const ConversionStep& step) {
    std::vector<Json> taken = items_of(object.get(step.to)), left;
    const Json value = object.get(step.from);
    for (const Json& one : value.is_array() ? items_of(value) : std::vector<Json>{value})
        if (one.is_object() && one.size() == 1 && one.has(step.with))
            taken.push_back(one.get(step.with));
        else
            left.push_back(one);
    Json out = left.empty() ? object.without(step.from)
                            : object.with(step.from, Json::array(std::move(left)));
    return taken.empty() ? out : out.with(step.to, Json::array(std::move(taken)));
}

// When it was asked for, and nothing else that happened to it.
Json event_taken(const Json& object, const ConversionStep& step) {
    const std::vector<Json> events = items_of(object.get(step.from));
    if (events.size() != 1 || object.has(step.to)) return object;
    const Json& event = events.front();
    if (event.size() != 2 || !event.has("dateTime") ||
        !word_for("proposed|requested", event["status"].string()))
        return object;
    return object.without(step.from).with(step.to, event.get("dateTime"));
}

Json with_note(const Json& object, const ConversionStep& step) {
    const Json value = object.get(step.from);
    std::vector<Json> notes = items_of(object.get(step.to));
    if (step.from == step.to) notes.clear();
    for (const Json& text : value.is_array() ? items_of(value) : std::vector<Json>{value}) {
        if (!text.is_string()) return object;
        notes.push_back(Json::object({{"text", text}}));
    }
    return object.without(step.from).with(step.to, Json::array(std::move(notes)));
}

// https://hl7.org/fhir/R4/imagingstudy.html, notes on DICOM
Json identified(const Json& object, const ConversionStep& step) {
    const Json value = object.get(step.from);
    std::vector<Json> identifiers = items_of(object.get(step.to));
    if (value.is_string())
        identifiers.push_back(Json::object({{"system", step.with}, {"value", value}}));
    else if (value.is_object() && !value.has("type"))
        identifiers.push_back(value.with(
            "type", concept_of("http://terminology.hl7.org/CodeSystem/v2-0203", step.with)));
    else
        return object;
    return object.without(step.from).with(step.to, Json::array(std::move(identifiers)));
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

// The code of a concept that has one of those in `with`; a text beside it would be lost.
std::optional<std::string_view> code_of(JsonView concept_, std::string_view codes) {
    if (concept_["text"].is_string() && concept_["coding"].size() == 0) return std::nullopt;
    for (const JsonView coding : concept_["coding"].items())
        if (const auto word = word_for(codes, coding["code"].string())) return word;
    return std::nullopt;
}

Json within(const Json& value, std::string_view name) {
    std::vector<Json> items;
    for (const Json& one : value.is_array() ? items_of(value) : std::vector<Json>{value})
        items.push_back(Json::object({{name, one}}));
    return Json::array(std::move(items));
}

std::string_view without_urn(std::string_view oid) {
    constexpr std::string_view urn = "urn:oid:";
    return oid.substr(oid.starts_with(urn) ? urn.size() : 0);
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
        case Do::Within:
            return as(within(value, step.with));
        case Do::Text:
            return value.is_string() ? as(Json::object({{"text", value}})) : object;
        case Do::TextOf:
            return value.size() == 1 && value["text"].is_string() ? as(value.get("text")) : object;
        case Do::CodeOf:
            if (const auto code = code_of(value, step.with)) return as(Json(*code));
            return object;
        case Do::Oid:
            return value.is_string() ? as(Json(without_urn(value.string()))) : object;
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
    if (step.what == Do::Set)
        return object.has(step.to) || object.has(step.from) ? object
                                                            : object.with(step.to, step.with);
    if (!object.has(step.from)) return object;
    const std::optional<std::string_view> word = word_for(step.with, text_of(object[step.from]));
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
        case Do::Collect:
            return collected(object, step);
        case Do::Event:
            return event_taken(object, step);
        case Do::Identified:
            return identified(object, step);
        case Do::Hoist:
            return hoisted(object, step);
        case Do::Drop:
            return word ? object.without(step.from) : object;
        default:
            return changed_value(object, step);
    }
}

}  // namespace

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

Json done_everywhere(const Json& json, std::string_view name, const ConversionStep& step) {
    if (json.is_array()) {
        std::vector<Json> items;
        for (const Json& item : items_of(json)) items.push_back(done_everywhere(item, name, step));
        return Json::array(std::move(items));
    }
    Json out = json;
    for (const JsonMember& member : json.members()) {
        if (!member.value.is_object() && !member.value.is_array()) continue;
        const Json below = done_everywhere(json.share(member.value), name, step);
        out = out.with(member.name(), member.name() == name ? done_at(below, "", step) : below);
    }
    return out;
}

std::vector<Json> items_of(const Json& list) {
    std::vector<Json> items;
    for (const JsonView item : list.items()) items.push_back(list.share(item));
    return items;
}

}  // namespace consultd
