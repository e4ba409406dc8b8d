#include "adapter/portal/choice.h"

#include <algorithm>

#include "adapter/audit/event_reader.h"

namespace consultd::portal {
namespace {

using fhir::Json;
using std::string_view;

// https://hl7.org/fhir/R4/resourcelist.html, in a patient's words.
constexpr string_view diagnoses[] = {"Condition", "AdverseEvent"};
constexpr string_view tests[] = {"Observation", "MolecularSequence"};
constexpr string_view reports[] = {"DiagnosticReport", "ImagingStudy", "Media", "Specimen"};
constexpr string_view medicines[] = {"MedicationRequest", "MedicationStatement",
                                     "MedicationAdministration", "MedicationDispense",
                                     "Medication"};
constexpr string_view allergies[] = {"AllergyIntolerance"};
constexpr string_view operations[] = {"Procedure", "Device", "DeviceUseStatement"};
constexpr string_view notes[] = {"DocumentReference", "Composition", "Binary", "ClinicalImpression",
                                 "Communication"};
constexpr string_view vaccines[] = {"Immunization", "ImmunizationRecommendation"};
constexpr string_view visits[] = {"Encounter", "EpisodeOfCare", "Appointment"};
constexpr string_view plans[] = {"CarePlan",       "CareTeam",       "Goal",
                                 "ServiceRequest", "NutritionOrder", "RequestGroup"};
constexpr string_view family[] = {"FamilyMemberHistory"};
// What says who and where, and goes with whatever goes.
constexpr string_view shared[] = {"Patient",      "Practitioner", "PractitionerRole",
                                  "Organization", "Location",     "Provenance"};

using enum Word;
constexpr std::array group_table = std::to_array<Group>({
    {"diagnoses", GroupDiagnoses, HintDiagnoses, diagnoses},
    {"reports", GroupReports, HintReports, reports},
    {"tests", GroupTests, HintTests, tests},
    {"medicines", GroupMedicines, HintMedicines, medicines},
    {"operations", GroupOperations, HintOperations, operations},
    {"allergies", GroupAllergies, HintAllergies, allergies},
    {"notes", GroupNotes, HintNotes, notes},
    {"vaccines", GroupVaccines, HintVaccines, vaccines},
    {"visits", GroupVisits, HintVisits, visits},
    {"plans", GroupPlans, HintPlans, plans},
    {"family", GroupFamily, HintFamily, family},
    {"other", GroupOther, HintOther, {}},
});

// https://terminology.hl7.org/CodeSystem-v3-ActCode.html, "information sensitivity"
constexpr string_view drugs[] = {"SUD", "ETH", "ETHUD", "OPIOIDUD"};
constexpr string_view mental[] = {"MH", "PSY", "PSYTHPN", "COGN"};
constexpr string_view hiv[] = {"HIV"};
constexpr string_view sexual[] = {"SEX", "STD"};
constexpr string_view violence[] = {"SDV"};
constexpr string_view genes[] = {"GDIS", "SICKLE"};
constexpr std::array matter_table = std::to_array<PrivateMatter>({
    {"genes", PrivateGenes, WhyGenes, genes},
    {"mental", PrivateMental, WhyMental, mental},
    {"drugs", PrivateDrugs, WhyDrugs, drugs},
    {"hiv", PrivateHiv, WhyHiv, hiv},
    {"sexual", PrivateSexual, WhySexual, sexual},
    {"violence", PrivateViolence, WhyViolence, violence},
});

constexpr string_view act_codes = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr string_view terminology = "http://terminology.hl7.org/CodeSystem/";

bool has(std::span<const string_view> words, string_view word) {
    return std::ranges::find(words, word) != words.end();
}

Json coding(string_view system, string_view code) {
    return Json::object({{"system", system}, {"code", code}});
}
Json concept_of(string_view system, string_view code) {
    return Json::object({{"coding", Json::array({coding(system, code)})}});
}

// Who gets it, why and until when: the root, which holds or nothing does.
Json terms(const config::Destination& destination, Instant now) {
    const Json identifier = Json::object(
        {{"system", destination.organization->system}, {"value", destination.organization->value}});
    const Json recipient = Json::object(
        {{"role", concept_of(std::string(terminology) + "v3-ParticipationType", "IRCP")},
         {"reference", Json::object({{"identifier", identifier}, {"display", destination.name}})}});
    return Json::object(
        {{"period", Json::object({{"start", format_date_time(now)},
                                  {"end", format_date_time(now + consent_span)}})},
         {"actor", Json::array({recipient})},
         {"action",
          Json::array({concept_of(std::string(terminology) + "consentaction", "disclose")})},
         {"purpose", Json::array({coding(std::string(terminology) + "v3-ActReason", "PATRQT")})}});
}

// A rule on the labels of the matters that are ticked, or of the others.
Json labelled(string_view type, const std::set<std::string, std::less<>>& ticked, bool if_ticked) {
    std::vector<Json> labels;
    for (const PrivateMatter& matter : matter_table)
        if (ticked.contains(matter.name) == if_ticked)
            for (const string_view label : matter.labels)
                labels.push_back(coding(act_codes, label));
    if (labels.empty()) return {};
    return Json::object({{"type", type}, {"securityLabel", Json::array(std::move(labels))}});
}
Json denied(const std::set<std::string, std::less<>>& but) { return labelled("deny", but, false); }
// A group of types names no private matter: what is ticked is named by its labels.
Json named(const std::set<std::string, std::less<>>& ticked) {
    return labelled("permit", ticked, true);
}

Json consent(const std::string& patient_id, Json provision, Instant now) {
    const Json patient = Json::object({{"reference", "Patient/" + patient_id}});
    return Json::object(
        {{"resourceType", "Consent"},
         {"status", "active"},
         {"scope", concept_of(std::string(terminology) + "consentscope", "patient-privacy")},
         {"category", Json::array({concept_of("http://loinc.org", "59284-0")})},
         {"patient", patient},
         {"dateTime", format_date_time(now)},
         {"performer", Json::array({patient})},
         {"policy", Json::array({Json::object(
                        {{"uri", "https://www.ecfr.gov/current/title-45/section-164.508"}})})},
         {"provision", std::move(provision)}});
}

Json with_rules(const Json& root, std::vector<Json> rules) {
    if (root.is_null()) return root;
    std::erase_if(rules, [](const Json& rule) { return rule.is_null(); });
    return rules.empty() ? root : root.with("provision", Json::array(std::move(rules)));
}

std::size_t group_of(string_view type) {
    for (std::size_t i = 0; i < group_table.size(); ++i)
        if (has(group_table[i].types, type)) return i;
    return group_table.size() - 1;
}

Json instances(const std::vector<std::string>& sources) {
    std::vector<Json> data;
    for (const std::string& source : sources)
        data.push_back(Json::object(
            {{"meaning", "instance"}, {"reference", Json::object({{"reference", source}})}}));
    return Json::array(std::move(data));
}
// A rule on these very resources.
Json rule_on(string_view type, const std::vector<std::string>& sources) {
    if (sources.empty()) return {};
    return Json::object({{"type", type}, {"data", instances(sources)}});
}

string_view type_of(string_view source) { return source.substr(0, source.find('/')); }

template <typename Words>
Json list_of(const Words& words) {
    return Json::array(std::vector<Json>(words.begin(), words.end()));
}

Json permit_on(std::vector<Json> classes) {
    if (classes.empty()) return {};
    return Json::object({{"type", "permit"}, {"class", Json::array(std::move(classes))}});
}

Json within(const Json& rule, const Choice& choice) {
    if (rule.is_null() || (choice.since.empty() && choice.until.empty())) return rule;
    const auto day = [](const std::string& date) { return date.empty() ? Json() : Json(date); };
    return rule.with("dataPeriod",
                     Json::object({{"start", day(choice.since)}, {"end", day(choice.until)}}));
}

// What is true of somebody for longer than it was written down in.
bool is_timeless(const Group& group) {
    return group.name == "diagnoses" || group.name == "allergies" || group.name == "family";
}

}  // namespace

std::optional<std::size_t> group_of_type(string_view type) {
    return has(shared, type) ? std::nullopt : std::optional(group_of(type));
}

std::span<const Group> groups() { return group_table; }
std::span<const PrivateMatter> private_matters() { return matter_table; }

std::optional<std::size_t> matter_of_reason(string_view reason) {
    constexpr string_view prefix = "sensitivity:";
    if (!reason.starts_with(prefix)) return std::nullopt;
    const string_view label = reason.substr(prefix.size(), reason.find('.') - prefix.size());
    for (std::size_t i = 0; i < matter_table.size(); ++i)
        if (has(matter_table[i].labels, label)) return i;
    return std::nullopt;
}

There there_is(const Offers& offer) {
    There there{.groups = std::vector<std::uint64_t>(group_table.size()),
                .withheld = std::vector<std::uint64_t>(group_table.size()),
                .matters = std::vector<There::OfMatter>(matter_table.size())};
    for (const Offered& one : offer) {
        const string_view type = type_of(one.source);
        const auto group = group_of_type(type);
        if (one.standing == Offered::Standing::Open && group) ++there.groups[*group];
        if (one.standing == Offered::Standing::Stays) {
            if (group) ++there.withheld[*group];
            if (const auto matter = matter_of_reason(one.reason)) {
                ++there.matters[*matter].count;
                if (group) there.matters[*matter].groups.insert(*group);
            }
        }
        if (group && *group + 1 == group_table.size() && !type.empty() && type.front() >= 'A' &&
            type.front() <= 'Z')
            there.other_types.emplace(type);
    }
    return there;
}

std::vector<std::uint64_t> going_of(std::string_view ledger_ndjson) {
    std::vector<std::uint64_t> going(group_table.size());
    const auto lines =
        Json::parse_lines(std::string(ledger_ndjson), {.bytes_max = ledger_ndjson.size() + 1});
    if (!lines) return going;
    for (const fhir::JsonLine& line : *lines) {
        if (line.json["line"].string() != "resource" ||
            line.json["outcome"].string() != "delivered")
            continue;
        if (const auto group = group_of_type(type_of(line.json["source"].string())))
            ++going[*group];
    }
    return going;
}

std::vector<std::uint64_t> counts_in(std::string_view receipt) {
    std::vector<std::uint64_t> counts(group_table.size());
    const auto json = Json::parse(std::string(receipt));
    if (!json) return counts;
    const auto leaf = Json::parse(std::string((*json)["leaf"].string()));
    if (!leaf) return counts;
    for (const auto& [type, count] : audit::disclosure_in(*leaf).resource_counts)
        if (!has(shared, type)) counts[group_of(type)] += count;
    return counts;
}

std::vector<bool> missing_in(std::string_view gaps) {
    std::vector<bool> missing(group_table.size());
    const auto list = Json::parse(std::string(gaps));
    if (!list) return missing;
    for (const fhir::JsonView gap : list->items()) {
        const string_view what = gap["what"].string(), reason = gap["reason"].string();
        const string_view type = what.substr(0, what.find_first_of("/? "));
        const bool came = reason == "malformed" || reason == "modifier-extension" ||
                          reason == "version-conflict" || reason == "other-version" ||
                          reason == "names-another";
        if (!came && !has(shared, type)) missing[group_of(type)] = true;
    }
    return missing;
}

Json consent_to_read(const std::string& patient_id, const config::Destination& destination,
                     Instant now) {
    return consent(patient_id,
                   with_rules(terms(destination, now).with("type", Json("permit")), {denied({})}),
                   now);
}

Json consent_of(const Choice& choice, const std::string& patient_id,
                const config::Destination& destination, Instant now) {
    constexpr string_view types_system = "http://hl7.org/fhir/resource-types";
    std::vector<Json> always, dated;
    for (const string_view type : shared) always.push_back(coding(types_system, type));
    for (const Group& group : group_table)
        if (choice.groups.contains(group.name))
            for (const string_view type : group.types)
                (is_timeless(group) ? always : dated).push_back(coding(types_system, type));
    if (choice.groups.contains("other"))
        for (const std::string& type : choice.other_types)
            dated.push_back(coding(types_system, type));
    const Json is_named = named(choice.matters);
    const Json also = rule_on("permit", choice.also);
    const Json others = denied(choice.matters);
    return consent(
        patient_id,
        with_rules(terms(destination, now).with("type", Json("deny")),
                   {with_rules(permit_on(std::move(always)), {is_named}),
                    with_rules(within(permit_on(std::move(dated)), choice), {is_named}), also,
                    // What is decided on by itself goes, whatever it is about.
                    others.is_null() ? others : with_rules(others, {also}),
                    rule_on("deny", choice.without), rule_on("deny", choice.stays)}),
        now);
}

std::string text_of(const Choice& choice) {
    return Json::object({{"groups", list_of(choice.groups)},
                         {"matters", list_of(choice.matters)},
                         {"since", choice.since},
                         {"until", choice.until},
                         {"without", list_of(choice.without)},
                         {"also", list_of(choice.also)}})
        .print();
}

Choice choice_in(std::string text) {
    Choice choice;
    const std::size_t bytes_max = text.size() + 1;
    const auto json = Json::parse(std::move(text), {.bytes_max = bytes_max});
    if (!json) return choice;
    for (const fhir::JsonView one : (*json)["groups"].items()) choice.groups.emplace(one.string());
    for (const fhir::JsonView one : (*json)["matters"].items())
        choice.matters.emplace(one.string());
    choice.since = (*json)["since"].string();
    choice.until = (*json)["until"].string();
    for (const fhir::JsonView one : (*json)["without"].items())
        choice.without.emplace_back(one.string());
    for (const fhir::JsonView one : (*json)["also"].items()) choice.also.emplace_back(one.string());
    return choice;
}

}  // namespace consultd::portal
