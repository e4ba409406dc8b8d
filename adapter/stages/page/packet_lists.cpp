// The lists: problems, medicines, allergies, procedures and the rest, one table each.
#include <algorithm>
#include <set>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/empty_list.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

constexpr StaticText condition[] = {"Condition"};
constexpr StaticText medicines[] = {"MedicationRequest", "MedicationStatement",
                                    "MedicationAdministration", "MedicationDispense"};
constexpr StaticText allergy[] = {"AllergyIntolerance"};
constexpr StaticText procedure[] = {"Procedure"};
constexpr StaticText immunization[] = {"Immunization"};
constexpr StaticText family[] = {"FamilyMemberHistory"};
constexpr StaticText plans[] = {"CarePlan",
                                "Goal",
                                "CareTeam",
                                "ServiceRequest",
                                "RequestGroup",
                                "DeviceRequest",
                                "NutritionOrder",
                                "Appointment",
                                "CommunicationRequest",
                                "Task",
                                "ImmunizationRecommendation",
                                "ResearchSubject"};
constexpr StaticText assessments[] = {"ClinicalImpression", "RiskAssessment",
                                      "QuestionnaireResponse"};
constexpr StaticText alerts[] = {"Flag", "AdverseEvent", "DetectedIssue"};
constexpr StaticText devices[] = {"Device", "DeviceUseStatement"};
constexpr StaticText messages[] = {"Communication"};
constexpr StaticText visits[] = {"Encounter", "EpisodeOfCare"};
constexpr StaticText lists[] = {"List"};

// A list of one or more types whose rows say date, content, reason, notes and status.
struct ListRow {
    SectionHead head;
    std::span<const StaticText> types;
    StaticText item, date, detail;
    StaticText one, many;
};
constexpr ListRow warnings[] = {{{"alert", "Alerts and adverse events", "Alerts"},
                                 alerts,
                                 "Alert",
                                 "Date",
                                 "Content",
                                 "entry",
                                 "entries"}};
constexpr ListRow histories[] = {
    {{"proc", "Procedures", "Procedures"},
     procedure,
     "Procedure",
     "Date",
     "Site",
     "procedure",
     "procedures"},
    {{"imm", "Immunizations", "Immunizations"},
     immunization,
     "Vaccine",
     "Date",
     "Content",
     "dose",
     "doses"},
    {{"fam", "Family history", "Family"},
     family,
     "Relative",
     "Recorded",
     "Conditions",
     "relative",
     "relatives"},
    {{"plan", "Plans and goals", "Plans"}, plans, "Plan", "Date", "Content", "entry", "entries"},
    {{"ass", "Assessments and answers", "Assessments"},
     assessments,
     "Assessment",
     "Date",
     "Content",
     "entry",
     "entries"},
    {{"dev", "Devices", "Devices"}, devices, "Device", "Date", "Content", "entry", "entries"},
    {{"msg", "Messages", "Messages"}, messages, "Message", "Date", "Content", "entry", "entries"},
    {{"vis", "Visits", "Visits"}, visits, "Visit", "Date", "Place", "visit", "visits"},
    {{"lst", "Lists", "Lists"}, lists, "List", "Date", "Content", "list", "lists"},
};

std::string value_of(const Statement& one) { return one.value; }
std::string why_of(const Statement& one) { return one.why; }
std::string notes_of(const Statement& one) { return one.notes; }
std::string status_of(const Statement& one) { return status_text(one.resource()); }

bool is_suspected(const Statement& one) { return one.standing == Standing::Suspected; }

// What stands by its standing now comes first, then the rest, each newest first.
void put_current_first(Records& records) {
    std::stable_partition(records.begin(), records.end(),
                          [](const Statement* one) { return one->places().now; });
}

void write_list(HtmlWriter& out, PageParts& parts, const ListRow& row) {
    Records records = parts.of_types(row.types);
    // What a list only collects stands in its own place.
    std::erase_if(records, [](const Statement* one) {
        return one->resource().type() == lists[0].view() && one->value.empty();
    });
    if (records.empty()) return;
    std::stable_partition(records.begin(), records.end(),
                          [](const Statement* one) { return one->places().found; });
    // That there is none is nothing to count, nor what did not happen.
    const auto count = static_cast<std::size_t>(std::ranges::count_if(records, [](auto* one) {
        return one->says == Statement::Says::Something && !one->has(Standing::DidNotHappen);
    }));
    const std::string note = count == 0 ? std::string() : count_note(count, row.one, row.many);
    write_section(out, parts, row.head, note, [&] {
        const Column columns[] = {date_column(row.date), text_column(row.detail, value_of),
                                  text_column("Reason", why_of), text_column("Notes", notes_of),
                                  text_column("Status", status_of)};
        write_table(out, parts, {row.head.title, row.item, columns}, by_name(records));
    });
}

void write_none(HtmlWriter& out, PageParts& parts, const SectionHead& head, StaticText type) {
    const bool is_told = empty_list_of(parts.reading, type.view()).has_value();
    write_section(out, parts, head, is_told ? "" : "not found", [&] {
        if (is_told) {
            out.markup("<p>");
            write_empty_list(out, parts, type);
            out.markup("</p>");
            return;
        }
        out.markup(
            "<p class=\"amber\">Not found in what was handed over. That does not mean that there "
            "is none.</p>");
    });
}

void write_problems(HtmlWriter& out, PageParts& parts) {
    constexpr SectionHead head{"prob", "Problems", "Problems"};
    const Records records = problems(parts);
    if (records.empty()) return write_none(out, parts, head, condition[0]);
    const auto count = [&](bool (*holds)(const Statement&)) {
        return std::count_if(records.begin(), records.end(),
                             [&](const Statement* one) { return holds(*one); });
    };
    const auto suspected = count(is_suspected);
    const auto aside = count([](const Statement& one) {
        return !one.places().now && one.standing != Standing::Suspected;
    });
    std::string note = count_note(records.size(), "problem", "problems");
    if (suspected > 0) note += ", " + std::to_string(suspected) + " of them suspected";
    if (aside > 0) note += ", " + std::to_string(aside) + " of them not a problem now";
    note += ". What the specialty asks of comes first, then what the record refers to most.";
    write_section(out, parts, head, note, [&] {
        const Column columns[] = {
            date_column("Since"),
            text_column("Until",
                        [](const Statement& one) {
                            return choice_text(choice_of(one.resource().json(), "abatement"));
                        }),
            text_column("Status", status_of),
            text_column("Details", value_of),
            text_column("Notes", notes_of),
            text_column("Recorded by", [&](const Statement& one) {
                for (const std::string_view name : {"recorder", "asserter"})
                    if (std::string who = reference_text(one.resource()[name],
                                                         one.resource().json(), parts.index);
                        !who.empty())
                        return who;
                return std::string();
            })};
        write_table(out, parts, {"Problems", "Problem", columns}, by_name(records));
    });
}

// What the entry of a medicine is: an order, a dose given, what was stated; and its own status.
std::string medicine_status(const Statement& one) {
    const std::string_view type = one.resource().type();
    std::string out(type == "MedicationAdministration" ? "dose"
                    : type == "MedicationDispense"     ? "dispensed"
                    : type == "MedicationRequest"      ? "order"
                                                       : "stated");
    join(out, ", ", one.is_plain() ? status_text(one.resource()) : one.words);
    return out;
}

void write_medicines(HtmlWriter& out, PageParts& parts) {
    constexpr SectionHead head{"med", "Medicines", "Medicines"};
    Records records = parts.of_types(medicines);
    if (records.empty()) return write_none(out, parts, head, medicines[1]);
    put_current_first(records);
    const std::vector<NamedRecords> rows = by_name(records);
    const std::string note = count_note(rows.size(), "medicine", "medicines") + " in " +
                             count_note(records.size(), "entry", "entries") +
                             ", as named by the source";
    write_section(out, parts, head, note, [&] {
        const Column columns[] = {text_column("Dose, as reported", value_of), date_column("Newest"),
                                  text_column("Status", medicine_status),
                                  text_column("For", why_of), text_column("Notes", notes_of)};
        write_table(out, parts, {"Medicines", "Medicine", columns}, rows);
    });
}

void write_allergy_list(HtmlWriter& out, PageParts& parts) {
    constexpr SectionHead head{"all", "Allergies", "Allergies"};
    Records records = parts.of_types(allergy);
    if (records.empty()) return write_none(out, parts, head, allergy[0]);
    put_current_first(records);
    write_section(out, parts, head, count_note(records.size(), "entry", "entries"), [&] {
        const Column columns[] = {
            text_column("Reaction", value_of),
            text_column("Criticality",
                        [](const Statement& one) {
                            return std::string(one.resource()["criticality"].string());
                        }),
            date_column("Since"), text_column("Notes", notes_of), text_column("Status", status_of)};
        write_table(out, parts, {"Allergies", "Allergy", columns}, by_name(records));
    });
}

// https://hl7.org/fhir/R4/valueset-condition-severity.html
constexpr std::string_view severe = "24484000";

// Whether a problem is said to come of something.
bool names_a_cause(const std::string& name) {
    constexpr std::string_view words[] = {
        "due",   "induced", "associated", "related",   "toxicity", "toxic", "reaction",
        "after", "from",    "by",         "secondary", "nach",     "durch", "bei",
        "door",  "na",      "par",        "por",       "under",    "unter"};
    return std::ranges::any_of(words, [&](std::string_view word) { return has_word(name, word); });
}

// The first word of each: a problem that names one as its cause is what it did.
std::set<std::string> names_of_medicines(const PageParts& parts) {
    constexpr std::size_t letters_min = 6;
    std::set<std::string> out;
    for (const Statement* one : parts.of_types(medicines)) {
        const std::string name = lower(one->what.substr(0, one->what.find_first_of(" ,/(")));
        if (name.size() >= letters_min) out.insert(name);
    }
    return out;
}

}  // namespace

bool write_empty_list(HtmlWriter& out, PageParts& parts, StaticText resource_type) {
    const auto empty = empty_list_of(parts.reading, resource_type.view());
    if (!empty) return false;
    if (!empty->is_nil) out.markup("<span class=\"amber\">not found</span>; ");
    out.markup("the record’s own list says: <b>").own(empty->words).markup("</b>");
    write_comma_when(out, *empty->list);
    parts.cite(out, *empty->list);
    return true;
}

Records standing_now(Records records) {
    std::erase_if(records, [](const Statement* one) { return !one->places().now; });
    return records;
}

Records problems(const PageParts& parts) {
    Records records = parts.of_types(condition);
    std::stable_sort(records.begin(), records.end(),
                     [&](const Statement* left, const Statement* right) {
                         return parts.times_referred(left) > parts.times_referred(right);
                     });
    // What was noted of a visit is behind what stands on the problem list.
    std::stable_partition(records.begin(), records.end(), [](const Statement* one) {
        return !has_code(one->resource()["category"], "encounter-diagnosis");
    });
    const std::set<std::string> given = names_of_medicines(parts);
    std::stable_partition(records.begin(), records.end(), [&](const Statement* one) {
        const std::string name = lower(one->what);
        return has_code(one->resource()["severity"], severe) ||
               (names_a_cause(name) &&
                std::ranges::any_of(given, [&](const auto& word) { return has_word(name, word); }));
    });
    for (const ProblemSigns* first : {&parts.specialty.problems, &parts.specialty.disease})
        std::stable_partition(records.begin(), records.end(), [&](const Statement* one) {
            return first->hold(one->resource()["code"], one->what);
        });
    put_current_first(records);
    return records;
}

void write_lists(HtmlWriter& out, PageParts& parts) {
    write_problems(out, parts);
    write_medicines(out, parts);
    write_allergy_list(out, parts);
}

void write_history(HtmlWriter& out, PageParts& parts) {
    for (const ListRow& row : warnings) write_list(out, parts, row);
    for (const ListRow& row : histories) write_list(out, parts, row);
}

}  // namespace consultd
