// Completeness: what a consultant of a specialty asks for, and what of it is here: found, old, none
// as the record says, preliminary, of a day that is not known, the report without its images or
// slides, the examination without its report, no more than named in a text, not handed over, not
// found. Found is what is a fact, has a value and is of the right kind: never what was not done,
// refuted, cancelled or absent, and never a report whose words or file are not here. That a record
// is not here is never taken for the absence of what it would say.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/knowledge/specialties.h"
#include "adapter/stages/reading/statement.h"

namespace consultd {

// Undated: whether it is recent enough nobody knows. DoneOnly: it was done, and what was found is
// not here. NamedInText: its words stand in what somebody wrote, and what is said of it there a
// person reads.
enum class ItemState {
    Found,
    Old,
    Undated,
    Preliminary,
    NoneKnown,
    ReportOnly,
    DoneOnly,
    NamedInText,
    NotHandedOver,
    NotFound
};
StaticText state_word(ItemState state);  // "found", "old", "report only" …

// Which list is asked for a specialty: "oncology"; "general" for one that has no list of its own.
std::string_view checklist_name(const Specialties& specialties, std::string_view specialty);

struct ChecklistItem {
    std::shared_ptr<const ChecklistRow> row;
    ItemState state;
    std::vector<const Statement*> found;  // newest first; where it is named in a text, those texts
    std::string newest;                   // FHIR date; empty where none that can be right
    std::optional<int> age_days;          // of the newest, where its date says the day
    const Gap* gap = nullptr;             // why it is not handed over, where one took it
};

// Where the record has a disease of the specialty's, what is asked for in that disease, too. The
// gaps and the reading outlive the list.
std::vector<ChecklistItem> check_list(const Specialties& specialties, std::string_view specialty,
                                      Instant as_of, const Reading& reading,
                                      const std::vector<Gap>& gaps);

// completeness.json, with the letter that asks for what is missing (letter.h).
fhir::Json completeness_json(const std::vector<ChecklistItem>& items, const std::vector<Gap>& gaps,
                             std::string_view letter = {});

}  // namespace consultd
