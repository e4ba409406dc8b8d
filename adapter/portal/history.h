// History: what the audit log says of one transfer, as lines for its patient: when, what, and who,
// their own acts apart, or for who acts for them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapter/actor.h"
#include "adapter/portal/words.h"
#include "fhir/json.h"

namespace consultd::portal {

struct HistoryLine {
    std::string when;  // an instant
    Word what{};
    std::string clinic;      // as it was called then; empty: the event names none
    std::string who;         // of those who work here; empty: nobody of them
    std::optional<Word> by;  // the patient, for who acts for them; or who acts for the patient
    bool is_own = false;
    std::uint64_t erased = 0;  // things that the destination says it has deleted
};
// For that reader. Absent: an event that says nothing to a patient, or is no event of ours.
std::optional<HistoryLine> history_line(fhir::JsonView event, const Actor& reader);

}  // namespace consultd::portal
