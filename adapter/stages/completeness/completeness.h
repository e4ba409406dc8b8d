// Completeness: what a consultant of a specialty asks for, and what of it is here: found, old, the
// report without its images or slides, not handed over, not found. That a record is not here is
// never taken for the absence of what it would say.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "adapter/stages/reading/display.h"

namespace consultd {

enum class ItemState { Found, Old, ReportOnly, NotHandedOver, NotFound };
StaticText state_word(ItemState state);  // "found", "old", "report only" …

struct ChecklistRow {
    enum Specialty : unsigned {
        Oncology = 1,
        Haematology = 2,
        Rheumatology = 4,
        General = 8,
        All = 15
    };
    StaticText id, title;
    unsigned specialties;
    std::span<const StaticText> types;  // resource types looked through
    std::span<const StaticText> codes;  // in `code` or `type`; where empty with the two below: any
    std::span<const StaticText> categories;  // in `category`
    std::span<const StaticText> words;  // lower case, in the text of code, type, title, description
    int old_after_days = 0;             // 0: does not age
    StaticText images_of = "";          // the row whose reports stand in for these images or slides
};
std::span<const ChecklistRow> checklist_rows();
// Which list is asked for a specialty: "oncology"; "general" for one that has no list of its own.
StaticText checklist_name(std::string_view specialty);

struct ChecklistItem {
    const ChecklistRow* row;
    ItemState state;
    std::vector<const PacketResource*> found;  // newest first
    std::string newest;                        // FHIR date; empty where none
    std::optional<int> age_days;               // of the newest
};

std::vector<ChecklistItem> check_list(std::string_view specialty, Instant as_of,
                                      const std::vector<PacketResource>& resources,
                                      const std::vector<Gap>& gaps);

// completeness.json
fhir::Json completeness_json(const std::vector<ChecklistItem>& items, const std::vector<Gap>& gaps);

}  // namespace consultd
