// The lists: problems, medicines, allergies, procedures and the rest, one table each.
#include <algorithm>

#include "adapter/stages/assemble/packet_page.h"
#include "adapter/stages/assemble/sections.h"

namespace consultd {
namespace {

using fhir::JsonView;

// A list of one or more types whose rows say date, detail and status.
struct ListRow {
    StaticText id, title;
    std::span<const StaticText> types;
    StaticText item, date, detail;
};

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

constexpr ListRow histories[] = {
    {"proc", "Procedures", procedure, "Procedure", "Date", "Site"},
    {"imm", "Immunizations", immunization, "Vaccine", "Date", "Note"},
    {"fam", "Family history", family, "Relative", "Recorded", "Conditions"},
    {"plan", "Plans and goals", plans, "Plan", "Date", "Content"},
    {"dev", "Devices", devices, "Device", "Date", "Note"},
    {"vis", "Visits", visits, "Visit", "Date", "Place"},
};

void write_list(HtmlWriter& out, PageParts& parts, const ListRow& row) {
    const Records records = parts.of_types(row.types);
    if (records.empty()) return;
    write_section(out, parts, row.id, row.title, count_note(records.size(), "entry", "entries"),
                  [&] {
                      const StaticText columns[] = {row.item, row.date, row.detail, "Status"};
                      write_table(out, parts, columns, records, [&](const PacketResource& one) {
                          write_date_cell(out, row.date, date_of(one.resource));
                          write_cell(out, row.detail, detail_text(one.resource, parts.index));
                          write_cell(out, "Status", status_text(one.resource));
                      });
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

// What is over comes after what is not; within each, newest first.
void put_current_first(Records& records) {
    constexpr std::string_view over[] = {"resolved",  "inactive", "completed", "stopped",
                                         "cancelled", "refuted",  "ended"};
    std::stable_partition(records.begin(), records.end(), [&](const PacketResource* one) {
        const auto words = status_words(one->resource);
        return std::none_of(words.begin(), words.end(), [&](std::string_view word) {
            return std::find(std::begin(over), std::end(over), word) != std::end(over);
        });
    });
}

void write_none(HtmlWriter& out, PageParts& parts, StaticText id, StaticText title) {
    write_section(out, parts, id, title, "not found", [&] {
        out.markup(
            "<p class=\"amber\">Not found in what was handed over. That does not mean that there "
            "is "
            "none.</p>");
    });
}

void write_problems(HtmlWriter& out, PageParts& parts) {
    Records records = parts.of_types(condition);
    if (records.empty()) return write_none(out, parts, "prob", "Problems");
    put_current_first(records);
    write_section(
        out, parts, "prob", "Problems", count_note(records.size(), "entry", "entries"), [&] {
            constexpr StaticText columns[] = {"Problem", "Since", "Until", "Status", "Details"};
            write_table(out, parts, columns, records, [&](const PacketResource& one) {
                write_date_cell(out, "Since", date_of(one.resource));
                write_cell(out, "Until", choice_text(choice_of(one.resource.json(), "abatement")));
                write_cell(out, "Status", status_text(one.resource));
                write_cell(out, "Details", detail_text(one.resource, parts.index));
            });
        });
}

void write_medicines(HtmlWriter& out, PageParts& parts) {
    Records records = parts.of_types(medicines);
    if (records.empty()) return write_none(out, parts, "med", "Medicines");
    put_current_first(records);
    write_section(out, parts, "med", "Medicines", count_note(records.size(), "entry", "entries"),
                  [&] {
                      constexpr StaticText columns[] = {"Medicine", "Dose, as reported", "Date",
                                                        "Status", "For"};
                      write_table(out, parts, columns, records, [&](const PacketResource& one) {
                          write_cell(out, "Dose", detail_text(one.resource, parts.index));
                          write_date_cell(out, "Date", date_of(one.resource));
                          std::string status = status_text(one.resource);
                          if (one.resource.type() == "MedicationAdministration")
                              status = "given, " + status;
                          if (one.resource.type() == "MedicationDispense")
                              status = "dispensed, " + status;
                          if (one.resource["doNotPerform"].is_true())
                              status = "do not give, " + status;
                          write_cell(out, "Status", status);
                          write_cell(out, "For", reason_text(one.resource, parts.index));
                      });
                  });
}

void write_allergy_list(HtmlWriter& out, PageParts& parts) {
    const Records records = parts.of_types(allergy);
    if (records.empty()) return write_none(out, parts, "all", "Allergies");
    write_section(out, parts, "all", "Allergies", count_note(records.size(), "entry", "entries"),
                  [&] {
                      constexpr StaticText columns[] = {"Allergy", "Reaction", "Criticality",
                                                        "Recorded", "Status"};
                      write_table(out, parts, columns, records, [&](const PacketResource& one) {
                          write_cell(out, "Reaction", detail_text(one.resource, parts.index));
                          write_cell(out, "Criticality", one.resource["criticality"].string());
                          write_date_cell(out, "Recorded", date_of(one.resource));
                          write_cell(out, "Status", status_text(one.resource));
                      });
                  });
}

}  // namespace

void write_lists(HtmlWriter& out, PageParts& parts) {
    write_problems(out, parts);
    write_medicines(out, parts);
    write_allergy_list(out, parts);
}

void write_history(HtmlWriter& out, PageParts& parts) {
    for (const ListRow& row : histories) write_list(out, parts, row);
}

}  // namespace consultd
