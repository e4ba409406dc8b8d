#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "adapter/stages/consent/rule.h"
#include "fhir/reference.h"
#include "fhir/resource.h"

namespace consultd::consent {
namespace {

using fhir::Datetime;
using fhir::Interval;
using fhir::JsonView;

constexpr std::string_view act_reason[] = {
    "http://terminology.hl7.org/CodeSystem/v3-ActReason", "http://hl7.org/fhir/v3/ActReason",
    "http://terminology.hl7.org/CodeSystem/v3-PurposeOfUse", "urn:oid:2.16.840.1.113883.5.8"};
constexpr std::string_view role_class[] = {
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
    "http://hl7.org/fhir/v3/ParticipationType", "urn:oid:2.16.840.1.113883.5.90"};
constexpr std::string_view consent_action[] = {
    "http://terminology.hl7.org/CodeSystem/consentaction", "http://hl7.org/fhir/consentaction"};

// Each purpose and those right below it.
// https://terminology.hl7.org/CodeSystem-v3-ActReason.html, "PurposeOfUse"
struct Purpose {
    std::string_view code, below;
};
constexpr Purpose purposes[] = {
    {"PurposeOfUse", " HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT "},
    {"HOPERAT",
     " CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP "
     "HSYSADMIN MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN "},
    {"HSYSADMIN", " LABELING METAMGT "},
    {"SYSDEV", " HTEST "},
    {"HPAYMT", " CLMATTCH COVAUTH COVERAGE REMITADV "},
    {"COVERAGE", " ELIGDTRM ELIGVER ENROLLM MILDCRG "},
    {"HRESCH", " BIORCH CLINTRCH DSRCH POARCH TRANSRCH "},
    {"CLINTRCH", " CLINTRCHNPC CLINTRCHPC PRECLINTRCH "},
    {"PATRQT", " FAMRQT PWATRNY SUPNWK "},
    {"PUBHLTH", " DISASTER THREAT "},
    {"TREAT", " CLINTRL COC ETREAT POPHLTH "},
    {"ETREAT", " BTG ERTREAT "}};

template <std::size_t n>
bool is_one_of(std::string_view system, const std::string_view (&systems)[n]) {
    return std::ranges::find(systems, system) != std::end(systems);
}

bool has_below(const Purpose& above, std::string_view code) {
    return above.below.find(" " + std::string(code) + " ") != std::string_view::npos;
}

bool is_under(std::string_view child, std::string_view parent) {
    return std::ranges::any_of(purposes, [&](const Purpose& above) {
        return has_below(above, child) && (above.code == parent || is_under(above.code, parent));
    });
}

bool is_purpose(std::string_view code) {
    return code == purposes[0].code || is_under(code, purposes[0].code);
}

// Written as people write an identifier: blanks around it and its case tell no two apart.
std::string as_written(std::string_view value) {
    std::string out;
    for (const char one : value) {
        const auto letter = static_cast<unsigned char>(one);
        if (std::isspace(letter) == 0) out += static_cast<char>(std::tolower(letter));
    }
    return out;
}

// A period with something in it that we do not know, or without a bound, is not read.
std::optional<Interval> read_period(JsonView period, Datetime::Zone zone) {
    if (!period.is_object() || period.size() == 0) return std::nullopt;
    Interval interval;
    for (const fhir::JsonMember& member : period.members()) {
        if (member.name() == "id" || member.name() == "extension") continue;
        const auto at = Datetime::parse(member.value.string());
        if (!at) return std::nullopt;
        if (member.name() == "start")
            interval.from = at->earliest(zone);
        else if (member.name() == "end")
            interval.to = at->latest(zone);
        else
            return std::nullopt;
    }
    if (!interval.from && !interval.to) return std::nullopt;
    if (interval.from && interval.to && *interval.to <= *interval.from) return std::nullopt;
    return interval;
}

Match match_instance(JsonView reference, const Question& question) {
    const std::string_view text = reference["reference"].string();
    if (text.empty()) return Match::Unknown;
    if (text == question.full_url || text == question.source) return Match::Yes;
    const fhir::Reference parsed = fhir::Reference::parse(text);
    // A file may hold two of that name.
    const bool is_namesake = parsed.key() == without_number(question.source);
    using Form = fhir::Reference::Form;
    if (parsed.form == Form::Relative) return is_namesake ? Match::Yes : Match::No;
    // Of another base it may still be the same one.
    if (parsed.form == Form::Absolute) return is_namesake ? Match::Unknown : Match::No;
    return Match::Unknown;
}

bool refers_to(JsonView value, std::string_view reference) {
    if (value["reference"].string() == reference) return true;
    for (const fhir::JsonMember& member : value.members())
        if (refers_to(member.value, reference)) return true;
    return std::ranges::any_of(value.items(),
                               [&](JsonView item) { return refers_to(item, reference); });
}

}  // namespace

// The Consent's own dates are read in UTC where they have no zone.
Match match_period(JsonView period, Instant now) {
    const auto interval = read_period(period, Datetime::Zone::Utc);
    if (!interval) return Match::Unknown;
    const bool covers =
        (!interval->from || *interval->from <= now) && (!interval->to || now < *interval->to);
    return covers ? Match::Yes : Match::No;
}

Match match_actor(JsonView actor, const Request& request) {
    bool is_recipient = false;
    for (const JsonView coding : actor.at("role", "coding").items())
        is_recipient |=
            coding["code"].string() == "IRCP" &&
            (coding["system"].is_null() || is_one_of(coding["system"].string(), role_class));
    const JsonView identifier = actor.at("reference", "identifier");
    const bool is_said = identifier["system"].is_string() && identifier["value"].is_string();
    if (!is_recipient || !is_said || request.destination_system.empty() ||
        request.destination_value.empty())
        return Match::Unknown;
    // An organization may have an identifier in each of several systems.
    if (identifier["system"].string() != request.destination_system) return Match::Unknown;
    const std::string_view value = identifier["value"].string();
    if (value == request.destination_value) return Match::Yes;
    return as_written(value) == as_written(request.destination_value) ? Match::Unknown : Match::No;
}

// A transfer discloses. What it lets the recipient do, follows from it and cannot be told apart.
Match match_action(JsonView action) {
    Match best = Match::No;
    if (action["coding"].size() == 0) return Match::Unknown;
    for (const JsonView coding : action["coding"].items()) {
        const std::string_view code = coding["code"].string();
        if (!is_one_of(coding["system"].string(), consent_action))
            best = std::max(best, Match::Unknown);
        else if (code == "disclose")
            best = Match::Yes;
        else if (code != "correct")
            best = std::max(best, Match::Unknown);
    }
    return best;
}

Match match_purpose(JsonView coding, std::string_view purpose) {
    const std::string_view code = coding["code"].string();
    if (code.empty() || !is_one_of(coding["system"].string(), act_reason)) return Match::Unknown;
    if (code == purpose || is_under(purpose, code)) return Match::Yes;
    // Of a code that is none of these nobody can say what lies below it.
    return is_under(code, purpose) || !is_purpose(code) ? Match::Unknown : Match::No;
}

namespace {

// A profile by its canonical URL. The definition of a type itself stands for the type.
Match match_profile(std::string_view name, RuleType type, const Content& content) {
    constexpr std::string_view core = "http://hl7.org/fhir/StructureDefinition/";
    name = name.substr(0, name.find('|'));
    const std::string_view last = name.starts_with(core) ? name.substr(core.size()) : name;
    if (fhir::is_resource_type(last)) return last == content.type ? Match::Yes : Match::No;
    const bool is_listed = std::ranges::any_of(content.profiles, [&](std::string_view profile) {
        return profile == name || profile.ends_with("/StructureDefinition/" + std::string(name));
    });
    if (is_listed) return Match::Yes;
    if (content.type == "Patient" || is_shared_type(content.type)) return Match::No;
    // A resource may conform without saying so, to others than those it names too.
    return type == RuleType::Deny || content.profiles.empty() ? Match::Unknown : Match::No;
}

// "application/PDF; version=1.4" is application/pdf.
// https://www.rfc-editor.org/rfc/rfc2045#section-5.1
std::string media_type(std::string_view text) {
    std::string out(text.substr(0, text.find(';')));
    while (out.ends_with(' ')) out.pop_back();
    for (char& letter : out)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return out;
}

Match match_media_type(std::string_view code, RuleType type, const Content& content) {
    const bool is_there = std::ranges::any_of(content.mime_types, [&](std::string_view mime) {
        return media_type(mime) == media_type(code);
    });
    if (is_there) return Match::Yes;
    return type == RuleType::Deny && content.has_untyped_attachment ? Match::Unknown : Match::No;
}

}  // namespace

Match match_class(JsonView coding, RuleType type, const Content& content) {
    const std::string_view system = coding["system"].string();
    const std::string_view code = coding["code"].string();
    if (code.empty()) return Match::Unknown;
    if (system == "http://hl7.org/fhir/resource-types") {
        if (!fhir::is_resource_type(code)) return Match::Unknown;
        return code == content.type ? Match::Yes : Match::No;
    }
    if (system == "urn:ietf:rfc:3986" || system == "http://hl7.org/fhir/StructureDefinition")
        return match_profile(code, type, content);
    if (system == "http://loinc.org") {
        if (!content.is_document) return Match::No;
        const auto says = [&](const Coded& coded) {
            return coded.system == system && coded.code == code;
        };
        if (std::ranges::any_of(content.document_types, says)) return Match::Yes;
        const bool has_loinc = std::ranges::any_of(
            content.document_types, [&](const Coded& coded) { return coded.system == system; });
        return type == RuleType::Deny && !has_loinc ? Match::Unknown : Match::No;
    }
    if (system == "urn:ietf:bcp:13") return match_media_type(code, type, content);
    return Match::Unknown;
}

Match match_data_period(JsonView period, RuleType type, const ClinicalTimes& times) {
    const auto asked = read_period(period, Datetime::Zone::AnyZone);
    if (!asked) return Match::Unknown;
    // What has no time, is in no time that is denied, and in each that is permitted.
    if (times.is_timeless) return type == RuleType::Deny ? Match::No : Match::Yes;
    if (type == RuleType::Permit) {
        if (times.has_unreadable || times.known.empty()) return Match::Unknown;
        // Days without a zone are compared as days of one and the same zone.
        const bool all = std::ranges::all_of(
            times.known, [&](const Interval& known) { return asked->covers(known); });
        return all ? Match::Yes : Match::No;
    }
    for (const Interval& known : times.known)
        if (asked->overlaps(known)) return Match::Yes;
    return times.has_unreadable || times.known.empty() ? Match::Unknown : Match::No;
}

// A note of another day is data of that day.
Match match_parts(JsonView period, RuleType type, const std::vector<Interval>& parts, Match whole) {
    const auto asked = read_period(period, Datetime::Zone::AnyZone);
    if (!asked) return whole;
    const bool is_deny = type == RuleType::Deny;
    const bool any = std::ranges::any_of(parts, [&](const Interval& part) {
        return is_deny ? asked->overlaps(part) : !asked->covers(part);
    });
    if (!any) return whole;
    return is_deny ? Match::Yes : Match::No;
}

Match match_data(JsonView data, const Question& question) {
    const std::string_view meaning = data["meaning"].string();
    const JsonView reference = data["reference"];
    const Match instance = match_instance(reference, question);
    if (instance == Match::Yes || meaning == "instance") return instance;
    // Related, dependents, authoredby: who refers to it, is; whether another one is, cannot be
    // told.
    return refers_to(question.resource, reference["reference"].string()) ? Match::Yes
                                                                         : Match::Unknown;
}

}  // namespace consultd::consent
