// Alerts: what must be known before anything is done. Each stands with its word; what was refuted
// or is over is no alert and stands in the lists below.
#include <algorithm>
#include <set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/gap_words.h"
#include "adapter/stages/reading/trend.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Says = Statement::Says;

constexpr std::size_t shown_max = 8;
constexpr StaticText allergy[] = {"AllergyIntolerance"};
constexpr StaticText flag[] = {"Flag"};
constexpr StaticText harm[] = {"AdverseEvent"};
constexpr StaticText orders[] = {"MedicationRequest", "ServiceRequest", "CommunicationRequest"};
constexpr StaticText observation[] = {"Observation"};
constexpr StaticText of_pregnancy[] = {"Observation", "Condition"};
constexpr StaticText of_directives[] = {"Consent", "DocumentReference", "Observation"};

void write_more(HtmlWriter& out, std::size_t count, StaticText link,
                std::size_t shown = shown_max) {
    if (count <= shown) return;
    out.markup(", <a href=\"#").text(link.view()).markup("\">").number(count - shown);
    out.markup(" more</a>");
}

// https://browser.ihtsdotools.org: 39579001 Anaphylaxis
bool is_anaphylaxis(JsonView reaction) {
    return has_code(reaction["manifestation"], "39579001") ||
           lower(concepts_text(reaction["manifestation"])).find("anaphyla") != std::string::npos;
}

// What may kill comes first and is never cut.
// https://hl7.org/fhir/R4/allergyintolerance-definitions.html#AllergyIntolerance.reaction
bool is_severe(const Statement& one) {
    const fhir::Resource& resource = one.resource();
    if (resource["criticality"].string() == "high") return true;
    for (const JsonView& reaction : resource["reaction"].items())
        if (reaction["severity"].string() == "severe" || is_anaphylaxis(reaction)) return true;
    for (const std::string_view word : {"serious", "severe", "fatal"})
        for (const std::string_view element : {"seriousness", "severity", "outcome"})
            // Not a part of "non-serious".
            if (has_code(resource[element], word) || lower(concept_text(resource[element])) == word)
                return true;
    return false;
}

// A drug before what is met outside a hospital; what is known to be harmless last.
int rank_of_allergy(const Statement& one) {
    const JsonView category = one.resource()["category"];
    const bool is_drug = std::ranges::any_of(category.items(), [](const JsonView& said) {
        return said.string() == "medication" || said.string() == "biologic";
    });
    if (is_severe(one)) return is_drug ? 0 : 1;
    if (one.resource()["criticality"].string() == "low") return 4;
    return is_drug ? 2 : 3;
}

void put_severe_first(Records& records) {
    std::ranges::stable_sort(records, {}, [](auto* one) { return rank_of_allergy(*one); });
}

// Forbidden today: neither lifted nor only proposed; where the record does not know, it is.
bool is_in_force(const Statement& one) {
    constexpr Standing lifted[] = {Standing::Planned,     Standing::Proposed,  Standing::Stopped,
                                   Standing::Over,        Standing::Cancelled, Standing::Superseded,
                                   Standing::DidNotHappen};
    return one.standing == Standing::Forbidden &&
           std::ranges::none_of(lifted, [&](Standing other) { return one.has(other); });
}

// As many as a screen has room for, and all that are severe or in force.
std::size_t shown_of(const Records& gravest_first) {
    const auto grave = static_cast<std::size_t>(std::ranges::count_if(
        gravest_first, [](auto* one) { return is_severe(*one) || is_in_force(*one); }));
    return std::max(grave, std::min(shown_max, gravest_first.size()));
}

void write_allergy(HtmlWriter& out, PageParts& parts, const Statement& one) {
    const bool is_high = one.resource()["criticality"].string() == "high";
    out.markup(is_high ? StaticText("<b class=\"red\">") : StaticText("<b>"));
    write_name(out, one);
    out.markup("</b>");
    if (is_high) out.markup(" <span class=\"red\">criticality high</span>");
    if (!one.value.empty()) out.markup(" (").own(one.value).markup(")");
    parts.cite(out, one);
}

Records of_standing(const Records& records, Says says, bool (*stands)(const Statement&)) {
    Records out;
    std::copy_if(records.begin(), records.end(), std::back_inserter(out),
                 [&](const Statement* one) { return one->says == says && stands(*one); });
    return out;
}

bool is_now(const Statement& one) { return one.places().now; }
bool is_suspected(const Statement& one) { return one.standing == Standing::Suspected; }

void write_negation(HtmlWriter& out, PageParts& parts, const Statement& one) {
    write_name(out, one);
    out.markup(", ");
    if (one.when.is_empty())
        out.markup("date not recorded");
    else
        write_when(out, one.when);
    parts.cite(out, one);
}

// Why no allergy is named: three different facts.
void write_no_allergy(HtmlWriter& out, PageParts& parts, bool has_others) {
    if (write_empty_list(out, parts, allergy[0])) return;
    const auto& list = parts.page.checklist;
    const bool is_lost = std::any_of(list.begin(), list.end(), [](const ChecklistItem& item) {
        return item.row->id == "allergies" && item.state == ItemState::NotHandedOver;
    });
    if (is_lost) {
        out.markup("<span class=\"amber\">not handed over");
        for (const Gap& gap : parts.page.input.gaps)
            if (is_unnamed(gap) || gap.what.starts_with("AllergyIntolerance"))
                out.markup("; ")
                    .own(gap_title(gap.what))
                    .markup(": ")
                    .text(gap_words(gap.reason.view()).view());
        out.markup("</span>");
    } else {
        out.markup("<span class=\"amber\">not found</span>");
    }
    if (has_others) out.markup("; <a href=\"#all\">what the record says of it</a>");
}

void write_row(HtmlWriter& out, PageParts& parts, StaticText label, StaticText link,
               const Records& records) {
    if (records.empty()) return;
    // What befell the patient many times is told once.
    const std::vector<NamedRecords> named = by_name(records);
    Records first;
    for (const NamedRecords& one : named) first.push_back(one.records.front());
    const std::size_t shown = shown_of(first);
    write_fact(out, label, [&] {
        for (std::size_t i = 0; i < shown; ++i) {
            const Statement& one = *first[i];
            out.markup(i > 0 ? StaticText(", <b class=\"red\">") : StaticText("<b class=\"red\">"));
            write_name(out, one);
            out.markup("</b>");
            if (named[i].records.size() > 1)
                out.markup(", ").text(count_note(named[i].records.size(), "time", "times"));
            if (one.resource().type() == observation[0].view())
                out.markup(" ").own(opening_words(one.value));
            write_comma_when(out, one);
            if (!one.notes.empty()) out.markup(" (").own(one.notes).markup(")");
            parts.cite(out, one);
        }
        write_more(out, first.size(), link, shown);
    });
}

// The newest of each analyte, where the laboratory calls it critical. One that is not final, or of
// whose status nothing is known, is told with its word, and takes nothing back that is final.
Records critical_values(const PageParts& parts) {
    std::set<std::string> decided, told;
    Records out;
    for (const Statement* one : parts.of_types(observation)) {
        const bool is_result = one->places().newest;
        const bool counts = is_result || one->standing == Standing::Preliminary ||
                            one->standing == Standing::Unclear;
        const std::string& key = parts.analytes.key_of(*one);
        if (!counts || !one->is_dated() || decided.contains(key)) continue;
        if (is_result) decided.insert(key);
        const bool is_alert = is_critical(one->resource().json());
        if (is_alert && (is_result || told.insert(key).second)) out.push_back(one);
    }
    return out;
}

void write_values(HtmlWriter& out, PageParts& parts, StaticText label, const Records& records) {
    if (records.empty()) return;
    write_fact(out, label, [&] {
        for (std::size_t i = 0; i < records.size() && i < shown_max; ++i) {
            if (i > 0) out.markup(", ");
            write_value_name(out, parts, *records[i]);
            out.markup(" ");
            write_value(out, *records[i]);
            out.markup(", ");
            write_when(out, records[i]->when);
            parts.cite(out, *records[i]);
        }
        write_more(out, records.size(), "res");
    });
}

// By code, and by words as the record may write them.
// https://hl7.org/fhir/uv/ips/STU1.1/StructureDefinition-Observation-pregnancy-status-uv-ips.html
// LOINC: status, test, day of delivery, weeks; SNOMED CT; ICD-10 chapter XV and Z33 to Z34.
bool is_of_pregnancy(const Statement& one) {
    constexpr std::string_view codes[] = {"82810-3", "2106-3",   "2110-5",   "11778-8",
                                          "11779-6", "11780-4",  "18185-9",  "11884-4",
                                          "49051-6", "77386006", "72892002", "127364007"};
    constexpr std::string_view words[] = {
        "pregnancy", "pregnant",  "schwanger", "schwangerschaft", "zwanger",    "zwangerschap",
        "enceinte",  "grossesse", "embarazo",  "embarazada",      "gravidanza", "gestational age"};
    const JsonView code = one.resource()["code"];
    if (std::ranges::any_of(codes, [&](auto known) { return has_code(code, known); })) return true;
    for (const JsonView& coding : code["coding"].items()) {
        const std::string_view known = coding["code"].string();
        if (coding["system"].string().find("icd-10") != std::string_view::npos &&
            (known.starts_with('O') || known.starts_with("Z33") || known.starts_with("Z34")))
            return true;
    }
    const std::string said = lower(one.what);
    return std::ranges::any_of(words, [&](std::string_view word) { return has_word(said, word); });
}

// Of today: what was said in the time that a pregnancy takes, or nobody knows when.
Records pregnancy(const PageParts& parts) {
    constexpr std::chrono::days longest{300};
    const Instant as_of = parts.page.input.request.as_of;
    std::set<std::string> seen;
    Records out;
    for (const Statement* one : parts.of_types(of_pregnancy)) {
        const bool is_result = one->resource().type() == observation[0].view();
        const bool counts = is_result
                                ? one->places().newest || one->standing == Standing::Preliminary
                                : one->places().now || one->standing == Standing::Suspected;
        if (!counts || one->says != Says::Something || !is_of_pregnancy(*one)) continue;
        if (const auto at = one->when.order(); at && *at + longest < as_of) continue;
        if (seen.insert(one->what).second) out.push_back(one);
    }
    return out;
}

// What is not to be done to the patient, in whatever form the record has it.
// https://hl7.org/fhir/R4/codesystem-consent-scope.html: adr; https://loinc.org/42348-3
Records directives(const PageParts& parts) {
    constexpr std::string_view words[] = {"dnr",
                                          "dnar",
                                          "dni",
                                          "resuscitate",
                                          "resuscitation",
                                          "code status",
                                          "advance directive",
                                          "polst",
                                          "molst",
                                          "patientenverfügung",
                                          "living will",
                                          "advance care planning"};
    Records found;
    for (const Statement* one : parts.of_types(of_directives)) {
        const fhir::Resource& resource = one->resource();
        const std::string said = lower(one->what);
        const bool is_one =
            has_code(resource["scope"], "adr") || has_code(resource["type"], "42348-3") ||
            has_code(resource["category"], "42348-3") ||
            std::ranges::any_of(words, [&](auto word) { return has_word(said, word); });
        if (is_one && one->places().now) found.push_back(one);
    }
    return found;
}

// A problem says what it is by its name alone.
void write_pregnancy(HtmlWriter& out, PageParts& parts) {
    const Records found = pregnancy(parts);
    if (found.empty()) return;
    write_fact(out, "Pregnancy", [&] {
        for (std::size_t i = 0; i < found.size() && i < shown_max; ++i) {
            if (i > 0) out.markup(", ");
            if (found[i]->resource().type() == observation[0].view()) {
                write_value_name(out, parts, *found[i]);
                out.markup(" ");
                write_value(out, *found[i]);
            } else {
                write_name(out, *found[i]);
            }
            write_comma_when(out, *found[i]);
            parts.cite(out, *found[i]);
        }
    });
}

}  // namespace

void write_allergies(HtmlWriter& out, PageParts& parts) {
    const Records all = parts.of_types(allergy);
    Records now = of_standing(all, Says::Something, is_now);
    put_severe_first(now);
    const std::size_t shown = shown_of(now);
    const Records none = of_standing(all, Says::NoneKnown, is_now);
    Records suspected = of_standing(all, Says::Something, is_suspected);
    put_severe_first(suspected);
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) out.markup(", ");
        write_allergy(out, parts, *now[i]);
    }
    write_more(out, now.size(), "all", shown);
    if (!none.empty()) {
        out.markup(now.empty() ? StaticText("") : StaticText("; the record also says: "));
        write_negation(out, parts, *none.front());
    }
    if (now.empty() && none.empty()) write_no_allergy(out, parts, !all.empty());
    for (std::size_t i = 0; i < suspected.size() && i < shown_max; ++i) {
        out.markup("; ");
        write_allergy(out, parts, *suspected[i]);
    }
}

void write_alerts(HtmlWriter& out, PageParts& parts) {
    Records events = parts.of_types(harm), forbidden = parts.of_types(orders);
    std::erase_if(events, [](const Statement* one) { return !one->places().found; });
    std::erase_if(forbidden,
                  [](const Statement* one) { return one->standing != Standing::Forbidden; });
    std::stable_partition(forbidden.begin(), forbidden.end(),
                          [](auto* one) { return is_in_force(*one); });
    Records flags = standing_now(parts.of_types(flag));
    // One without a date is not an old one.
    std::stable_partition(flags.begin(), flags.end(),
                          [](const Statement* one) { return !one->is_dated(); });
    put_severe_first(events);
    write_row(out, parts, "Alerts", "alert", flags);
    write_row(out, parts, "Do not give", "med", forbidden);
    write_row(out, parts, "Adverse events", "alert", events);
    write_values(out, parts, "Critical values", critical_values(parts));
    write_pregnancy(out, parts);
    write_row(out, parts, "Advance directives", "src", directives(parts));
}

}  // namespace consultd
