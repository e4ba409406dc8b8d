// What a patient decides in the course of a transfer that waits for them, as it is kept: what may
// be shared (Choice), and that this very packet may go (Approval). Each says when, and which words
// they read, in which language, and who it was where somebody acts for the patient. Pure values;
// whoever places them is adapter/portal.
#pragma once

#include <string>
#include <string_view>

#include "config/config.h"
#include "fhir/base/clock.h"
#include "fhir/base/result.h"

namespace consultd {

// The packet as it was shown, the machine's part and the person's, and to whom it was to go, by
// name, address and organization. Hex SHA-256.
std::string packet_digest(std::string_view bundle, std::string_view html,
                          const config::Destination& to);

// Part::Choice, Part::Approval.
struct PatientAct {
    Instant at{};
    std::string language;  // "en"
    std::string words;     // hex SHA-256 of the page that was answered
    std::string packet;    // of an approval: packet_digest(); else empty
    std::string by;        // "RelatedPerson/7" at the source, or a URL; empty: the patient themself
};
std::string text_of(const PatientAct& act);
// Corrupt: it is none.
Result<PatientAct> patient_act(std::string text);

}  // namespace consultd
