#include "adapter/stages/reading/statement.h"

#include <algorithm>
#include <array>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/amendments.h"
#include "adapter/stages/reading/bounds.h"
#include "adapter/stages/reading/notes.h"
#include "adapter/stages/reading/stops.h"
#include "adapter/stages/reading/type_words.h"
#include "adapter/stages/reading/whole_words.h"
#include "adapter/stages/reading/whose.h"
#include "adapter/stages/reading/within.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Datetime;
using fhir::JsonView;

void add(std::vector<StandingWord>& words, Standing standing, std::string text) {
    words.push_back({standing, std::move(text)});
}

// Codes that say that there is none, and codes that say that nothing is known of it.
// http://hl7.org/fhir/uv/ips/STU1.1/CodeSystem-absent-unknown-uv-ips.html, and SNOMED CT's.
Statement::Says says_of(JsonView concept_value) {
    using Says = Statement::Says;
    constexpr std::array<std::string_view, 9> none = {"716186003", "160245001", "787481004",
                                                      "787480003", "787482006", "787483001",
                                                      "409137002", "428607008", "429625007"};
    for (const JsonView& coding : concept_value["coding"].items()) {
        const std::string_view code = coding["code"].string();
        if (code.starts_with("no-known-")) return Says::NoneKnown;
        if (std::ranges::find(none, code) != none.end()) return Says::NoneKnown;
        if ((code.starts_with("no-") && code.ends_with("-info")) || code == "1287211007")
            return Says::NoInformation;
    }
    const std::string text = lower(concept_text(concept_value));
    if (text == "not on file" || text == "no information") return Says::NoInformation;
    const bool is_none = text.starts_with("no known ") || text == "nka" || text == "nkda";
    return is_none ? Says::NoneKnown : Says::Something;
}

// That the source gave a part of it.
// https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/security-labels.html
void add_parts(std::vector<StandingWord>& words, JsonView meta) {
    const auto is_marked = [&](std::string_view code) {
        for (const std::string_view list : {"tag", "security"})
            for (const JsonView& label : meta[list].items())
                if (label["code"].string() == code) return true;
        return false;
    };
    if (is_marked("SUBSETTED")) add(words, Standing::Fact, "given in part by the source");
    if (is_marked("REDACTED")) add(words, Standing::Fact, "the source took something out of it");
}

// What of its period says that it is over, or has not begun.
void add_period(std::vector<StandingWord>& words, const PacketResource& record, const When& when,
                Instant as_of) {
    constexpr std::string_view lasting[] = {
        "MedicationRequest", "MedicationStatement", "CarePlan", "DeviceUseStatement", "Flag",
        "CareTeam",          "EpisodeOfCare"};
    if (std::ranges::find(lasting, record.resource.type()) == std::end(lasting)) return;
    const bool may_be_now = std::ranges::all_of(words, [](const StandingWord& word) {
        return places_of(word.standing).now || word.standing == Standing::Forbidden;
    });
    if (may_be_now)
        if (auto word = bounds_word(record.resource, as_of)) words.push_back(*std::move(word));
    const bool is_order = record.resource.type() == "MedicationRequest";
    if (is_order) return;
    if (const auto end = Datetime::parse(when.until);
        end && end->latest() <= as_of && !is_placeholder(when.until))
        add(words, Standing::Over, "ended " + date_text(when.until));
    else if (when.doubt == When::Doubt::Future && when.about.view().empty() && !when.is_end)
        add(words, Standing::Planned, "starts " + date_text(when.date));
}

// A problem that abated is over, whatever else is said of it
// (https://hl7.org/fhir/R4/condition-definitions.html#Condition.abatement_x_, con-4).
void add_abatement(std::vector<StandingWord>& words, const fhir::Resource& condition,
                   Instant as_of) {
    const Choice abatement = choice_of(condition.json(), "abatement");
    if (abatement.type.empty()) return;
    const std::string_view date =
        abatement.type == "Period" ? abatement.value["end"].string() : abatement.value.string();
    if (const auto day = Datetime::parse(readable_date(date))) {
        if (is_placeholder(date))
            return add(words, Standing::Fact,
                       "end as written: " + std::string(date) + ", a placeholder");
        if (day->earliest() > as_of)
            return add(words, Standing::Fact, "end in the future: " + date_text(date));
    }
    if (abatement.value.is_bool() && !abatement.value.is_true()) return;
    if (abatement.type == "Period" && date.empty()) {
        const std::string from = date_text(abatement.value["start"].string());
        if (!from.empty()) add(words, Standing::Fact, "ends at some time from " + from + " on");
        return;
    }
    if (abatement.value.is_bool()) return add(words, Standing::Over, "abated");
    std::string text = choice_text(abatement);
    if (abatement.type == "Age" || abatement.type == "Range") text.insert(0, "age ");
    const bool in_remission = has_code(condition["clinicalStatus"], "remission");
    if (!text.empty())
        add(words, in_remission ? Standing::Remission : Standing::Over, "until " + text);
}

// Why a value is not there, where its own element says so.
// https://hl7.org/fhir/R4/extension-data-absent-reason.html
std::string_view absent_reason(JsonView value) {
    for (const JsonView& extension : value["extension"].items())
        if (extension["url"].string() ==
            "http://hl7.org/fhir/StructureDefinition/data-absent-reason")
            return extension["valueCode"].string();
    return {};
}

bool has_value(const fhir::Resource& observation) {
    if (!choice_text(choice_of(observation.json(), "value")).empty()) return true;
    if (observation["hasMember"].size() > 0) return true;
    const auto components = observation["component"].items();
    return std::any_of(components.begin(), components.end(), [](JsonView component) {
        return !choice_text(choice_of(component, "value")).empty();
    });
}

std::string no_value_words(const fhir::Resource& observation) {
    std::string why = concept_text(observation["dataAbsentReason"]);
    for (const fhir::JsonMember& member : observation.json().members())
        for (const JsonView& said : {JsonView(member.value), JsonView(member.value["_value"])})
            if (member.name().starts_with("value") || member.name().starts_with("_value"))
                if (why.empty()) why = absent_reason(said);
    return why.empty() ? "no value" : "no value: " + why;
}

std::vector<StandingWord> all_words(const PacketResource& record, const PacketIndex& index,
                                    std::string_view patient, const When& when, Instant as_of) {
    const fhir::Resource& resource = record.resource;
    std::vector<StandingWord> words = standing_words(resource.json());
    add_period(words, record, when, as_of);
    add_parts(words, resource["meta"]);
    if (resource.type() == "Condition") add_abatement(words, resource, as_of);
    if (is_medicine_in_error(resource, index))
        add(words, Standing::Unclear, "of a medicine that was entered in error");
    if (resource.type() == "Observation") {
        if (const std::string name = whose(resource, index, patient); !name.empty())
            add(words, Standing::NotThePatient, "not the patient: " + name);
        std::ranges::move(specimen_words(resource, index), std::back_inserter(words));
        if (!has_value(resource)) add(words, Standing::NoValue, no_value_words(resource));
    }
    std::stable_sort(words.begin(), words.end(), [](const auto& left, const auto& right) {
        return left.standing > right.standing;
    });
    return words;
}

// That only the start is known of what is over: that date is not the one of the end.
void tell_open_end(Statement& one) {
    const Choice effective = choice_of(one.resource().json(), "effective");
    if (effective.type != "Period" || effective.value["start"].is_null()) return;
    if (one.when.until.empty() && one.when.about.view().empty() && !one.when.is_end)
        one.when.about = "end not recorded, since";
}

// What its own text says stands where its structure names nothing, or has no value.
void add_own_text(Statement& one) {
    const bool is_result = one.resource().type() == "Observation" && one.has(Standing::NoValue);
    if (!is_result && one.what != type_word(one.resource().type())) return;
    const std::string text = narrative_text(one.resource());
    if (one.what != text && one.notes.find(text) == std::string::npos) join(one.notes, "; ", text);
}

// A reason for a status that gives none, and an outcome that is no success, stand beside the name:
// they may contradict what it says. https://hl7.org/fhir/R4/procedure-definitions.html
void add_reason_of_plain(Statement& one) {
    const JsonView outcome = one.resource()["outcome"];
    const std::string came = concept_text(outcome);
    const bool is_success = has_code(outcome, "385669000") || lower(came) == "successful";
    if (one.resource().type() == "Procedure" && !came.empty() && !is_success)
        one.add({Standing::Fact, "outcome: " + came});
    if (one.is_plain() && !one.reason.empty()) one.add({Standing::Fact, "reason of its status"});
}

}  // namespace

void Statement::add(const StandingWord& word) {
    standing = std::max(standing, word.standing);
    places_ = both(places_, places_of(word.standing));
    all_ |= 1U << static_cast<unsigned>(word.standing);
    if (words.find(word.words) == std::string::npos) join(words, ", ", word.words);
}

std::string Statement::aside() const {
    if (words.empty() || reason.empty()) return words;
    return words + ": " + reason;
}

Statement statement_of(const PacketResource& record, const PacketIndex& index,
                       std::string_view patient, Instant as_of) {
    Statement out;
    out.record = &record;
    out.what = item_text(record.resource, index);
    out.when = when_of(record.resource, as_of);
    for (const std::string_view name : {"code", "vaccineCode", "medicationCodeableConcept", "type"})
        if (out.says == Statement::Says::Something) out.says = says_of(record.resource[name]);
    for (const StandingWord& one : all_words(record, index, patient, out.when, as_of)) out.add(one);
    if (out.has(Standing::Over) || out.has(Standing::Stopped)) tell_open_end(out);
    // What its name ends with need not be said again.
    if (out.words == "in remission" && lower(out.what).ends_with(out.words) &&
        !lower(out.what).ends_with("not in remission"))
        out.words.clear();
    out.value = detail_text(record.resource, index);
    if (out.value == out.what && record.resource.type() != "Observation") out.value.clear();
    out.why = why_text(record.resource, index);
    out.reason = status_reason(record.resource);
    // Why it is forbidden is why it was ordered so; why it ended nobody said.
    if (out.reason.empty() && out.has(Standing::Forbidden)) out.reason = out.why;
    out.notes = notes_text(record.resource, index);
    add_own_text(out);
    add_reason_of_plain(out);
    return out;
}

Reading::Reading(const std::vector<PacketResource>& resources, std::string_view patient,
                 Instant as_of)
    : resources_(resources), index_(resources), within_(results_within(resources)) {
    statements_.reserve(resources.size() + within_.size());
    for (const std::span<const PacketResource> all :
         {resources_, std::span<const PacketResource>(within_)})
        for (const PacketResource& one : all)
            statements_.push_back(statement_of(one, index_, patient, as_of));
    end_what_was_stopped(statements_, index_);
    relate_what_was_amended(statements_, index_);
}

const Statement& Reading::of(const PacketResource& resource) const {
    return statements_[static_cast<std::size_t>(&resource - resources_.data())];
}

void sort_newest_first(std::vector<const Statement*>& statements) {
    struct Keyed {
        std::optional<Instant> date;
        const Statement* statement;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(statements.size());
    for (const Statement* one : statements) keyed.push_back({one->when.order(), one});
    std::sort(keyed.begin(), keyed.end(), [](const Keyed& left, const Keyed& right) {
        if (left.date != right.date) return left.date > right.date;  // none is less than any
        return left.statement->record->full_url < right.statement->record->full_url;
    });
    std::transform(keyed.begin(), keyed.end(), statements.begin(),
                   [](const Keyed& one) { return one.statement; });
}

}  // namespace consultd
