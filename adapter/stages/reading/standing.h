// Standing: what the status elements of a resource make of what it names: a fact, or planned, on
// hold, stopped, refuted, forbidden … In R4 these are modifier elements: whoever shows an item
// without them says something else than the record says
// (https://hl7.org/fhir/R4/conformance-rules.html#isModifier). The rules are a table by element and
// value set, each with its URL; where a statement may stand is a table by standing. Knows nothing
// of pages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/result.h"
#include "fhir/json.h"

namespace consultd {

// From what may be told as it is to what may not be told at all: of several that hold, the last one
// names where it stands, and it may stand only where all of them may.
enum class Standing : std::uint8_t {
    Fact,
    Corrected,      // changed after it was final: a fact, with that word
    Running,        // has begun and is not finished
    Remission,      // a problem that is not over and not active
    Unclear,        // the record does not know, or says what no table of ours has
    Preliminary,    // a result that is not final
    Suspected,      // not confirmed
    NoValue,        // a result without a value, and why
    Planned,        // to be, not yet
    Proposed,       // somebody's suggestion
    OnHold,         // for the time being not
    Stopped,        // broken off
    Over,           // ended
    Superseded,     // replaced by another
    Cancelled,      // called off; of a result: there is none
    DidNotHappen,   // not done, not given, not taken
    RuledOut,       // refuted
    NotThePatient,  // of a donor, a fetus …
    Forbidden,      // do not give
    InError,        // entered in error: it was never so
};

// Where a statement of a standing may stand. The word of a standing that is not Fact is always at
// its side.
struct Places {
    bool now;     // under what is true today
    bool newest;  // as the newest value, report or procedure
    bool found;   // counts as found in a checklist
    bool drawn;   // on the timeline, as what was
    bool shown;   // at all
};
Places places_of(Standing standing);
Places both(Places left, Places right);

// One rule that holds for a resource.
struct StandingWord {
    Standing standing;
    std::string words;  // empty: it may be told as it is
};
// What each status element of a resource says, the weightiest first; empty where no element says
// anything. A code that no row has is Unclear, with the code as the source wrote it.
std::vector<StandingWord> standing_words(fhir::JsonView resource);

}  // namespace consultd
