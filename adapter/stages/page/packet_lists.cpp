// The lists: problems, medicines, allergies, procedures and the rest, one table each.
#include <algorithm>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/sections.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr StaticText condition[] = {"Condition"};
constexpr StaticText medicines[] = {"MedicationRequest", "MedicationStatement",
                                    "MedicationAdministration", "MedicationDispense"};
constexpr StaticText allergy[] = {"AllergyIntolerance"};
constexpr StaticText procedure[] = {"Procedure"};
constexpr StaticText immunization[] = {"Immunization"};
constexpr StaticText family[] = {"FamilyMemberHistory"};
constexpr StaticText plans[] = {"CarePlan", "Goal", "CareTeam", "ServiceRequest",
                                "ClinicalImpression"};
constexpr StaticText devices[] = {"Device", "DeviceUseStatement"};
constexpr StaticText visits[] = {"Encounter"};

// A list of one or more types whose rows say date, detail and status.
struct ListRow {
    SectionHead head;
    std::span<const StaticText> types;
    StaticText item, date, detail;
    StaticText one, many;
};
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
     "Note",
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
    {{"dev", "Devices", "Devices"}, devices, "Device", "Date", "Note", "entry", "entries"},
    {{"vis", "Visits", "Visits"}, visits, "Visit", "Date", "Place", "visit", "visits"},
};

void write_list(HtmlWriter& out, PageParts& parts, const ListRow& row) {
    const Records records = parts.of_types(row.types);
    if (records.empty()) return;
    write_section(out, parts, row.head, count_note(records.size(), row.one, row.many), [&] {
        const Column columns[] = {date_column(row.date),
                                  text_column(row.detail,
                                              [&](const PacketResource& one) {
                                                  return detail_text(one.resource, parts.index);
                                              }),
                                  text_column("Status", [](const PacketResource& one) {
                                      return status_text(one.resource);
                                  })};
        write_table(out, parts, {row.head.title, row.item, columns}, by_name(records, parts.index));
    });
}

std::string reason_text(const fhir::Resource& one, const PacketIndex& index) {
    std::string out = concepts_text(one["reasonCode"]);
    for (const JsonView& reference : one["reasonReference"].items()) {
        std::string reason = concept_text(index.resolve(reference, one.json())["code"]);
        if (reason.empty()) reason = reference["display"].string();
        out.append(out.empty() || reason.empty() ? "" : "; ").append(reason);
    }
    return out;
}

void put_current_first(Records& records) {
    std::stable_partition(records.begin(), records.end(),
                          [](const PacketResource* one) { return !is_over(one->resource); });
}

void write_none(HtmlWriter& out, PageParts& parts, const SectionHead& head) {
    write_section(out, parts, head, "not found", [&] {
        out.markup(
            "<p class=\"amber\">Not found in what was handed over. That does not mean that there "
            "is none.</p>");
    });
}

void write_problems(HtmlWriter& out, PageParts& parts) {
    constexpr SectionHead head{"prob", "Problems", "Problems"};
    const Records records = problems(parts);
    if (records.empty()) return write_none(out, parts, head);
    const auto over = std::count_if(records.begin(), records.end(), [](const PacketResource* one) {
        return is_over(one->resource);
    });
    std::string note = count_note(records.size(), "problem", "problems");
    if (over > 0) note += ", " + std::to_string(over) + " of them over";
    note += ". What the record refers to most comes first.";
    write_section(out, parts, head, note, [&] {
        const Column columns[] = {
            date_column("Since"),
            text_column("Until",
                        [](const PacketResource& one) {
                            return choice_text(choice_of(one.resource.json(), "abatement"));
                        }),
            text_column("Status",
                        [](const PacketResource& one) { return status_text(one.resource); }),
            text_column(
                "Details",
                [&](const PacketResource& one) { return detail_text(one.resource, parts.index); }),
            text_column("Recorded by", [&](const PacketResource& one) {
                for (const std::string_view name : {"recorder", "asserter"})
                    if (std::string who =
                            reference_text(one.resource[name], one.resource.json(), parts.index);
                        !who.empty())
                        return who;
                return std::string();
            })};
        write_table(out, parts, {"Problems", "Problem", columns}, by_name(records, parts.index));
    });
}

// What the status of a medicine is about: an order, a dose given, what the patient says.
std::string medicine_status(const PacketResource& one) {
    const std::string_view type = one.resource.type();
    const std::string status = status_text(one.resource);
    if (one.resource["doNotPerform"].is_true()) return "do not give, " + status;
    if (type == "MedicationAdministration")
        return status == "completed" ? "given" : "given, " + status;
    if (type == "MedicationDispense")
        return status == "completed" ? "dispensed" : "dispensed, " + status;
    if (type == "MedicationRequest") return "ordered, " + status;
    return status;
}

void write_medicines(HtmlWriter& out, PageParts& parts) {
    constexpr SectionHead head{"med", "Medicines", "Medicines"};
    Records records = parts.of_types(medicines);
    if (records.empty()) return write_none(out, parts, head);
    put_current_first(records);
    const std::vector<NamedRecords> rows = by_name(records, parts.index);
    const std::string note = count_note(rows.size(), "medicine", "medicines") + " in " +
                             count_note(records.size(), "entry", "entries") +
                             ", as named by the source";
    write_section(out, parts, head, note, [&] {
        const Column columns[] = {text_column("Dose, as reported",
                                              [&](const PacketResource& one) {
                                                  return detail_text(one.resource, parts.index);
                                              }),
                                  date_column("Newest"), text_column("Status", medicine_status),
                                  text_column("For", [&](const PacketResource& one) {
                                      return reason_text(one.resource, parts.index);
                                  })};
        write_table(out, parts, {"Medicines", "Medicine", columns}, rows);
    });
}

void write_allergy_list(HtmlWriter& out, PageParts& parts) {
    constexpr SectionHead head{"all", "Allergies", "Allergies"};
    const Records records = parts.of_types(allergy);
    if (records.empty()) return write_none(out, parts, head);
    write_section(out, parts, head, count_note(records.size(), "entry", "entries"), [&] {
        const Column columns[] = {
            text_column(
                "Reaction",
                [&](const PacketResource& one) { return detail_text(one.resource, parts.index); }),
            text_column("Criticality",
                        [](const PacketResource& one) {
                            return std::string(one.resource["criticality"].string());
                        }),
            date_column("Recorded"), text_column("Status", [](const PacketResource& one) {
                return status_text(one.resource);
            })};
        write_table(out, parts, {"Allergies", "Allergy", columns}, by_name(records, parts.index));
    });
}

}  // namespace

bool is_over(const fhir::Resource& resource) {
    constexpr std::string_view over[] = {"resolved",  "inactive", "completed",     "stopped",
                                         "cancelled", "refuted",  "ended",         "not-taken",
                                         "not-done",  "draft",    "do-not-perform"};
    const std::vector<std::string_view> words = status_words(resource);
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return std::find(std::begin(over), std::end(over), word) != std::end(over);
    });
}

Records problems(const PageParts& parts) {
    Records records = parts.of_types(condition);
    std::stable_sort(records.begin(), records.end(),
                     [&](const PacketResource* left, const PacketResource* right) {
                         return parts.times_referred(left) > parts.times_referred(right);
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
    for (const ListRow& row : histories) write_list(out, parts, row);
}

}  // namespace consultd
