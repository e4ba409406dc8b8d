// Where something that came back stands, by its own status: an opinion that was withdrawn, that is
// not written yet or may still change is never given without that word (promise 5).
// https://hl7.org/fhir/R4/valueset-diagnostic-report-status.html,
// https://hl7.org/fhir/R4/valueset-document-reference-status.html,
// https://hl7.org/fhir/R4/valueset-composition-status.html,
// https://hl7.org/fhir/R4/valueset-event-status.html
#pragma once

#include <string_view>

#include "fhir/json.h"

namespace consultd {

enum class OpinionStanding : std::uint8_t {
    Valid,
    Preliminary,  // it may change
    NotWritten,   // registered, in preparation: there is nothing to read yet
    Void,         // entered in error, cancelled, not done, superseded: not to be used
};
OpinionStanding standing_of_opinion(fhir::JsonView resource);
// The resource's own word, where it is more than valid: "preliminary"; else empty.
std::string_view standing_word(fhir::JsonView resource);

}  // namespace consultd
