// Part 2: what of a packet is under 42 CFR Part 2, by its labels, and what has to go with it: the
// notice of § 2.32 (a), and of § 2.32 (b) what the patient's consent covers. Knows neither why a
// label is there nor where the words are shown.
// https://www.ecfr.gov/current/title-42/section-2.32
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/packet.h"
#include "adapter/stages/reading/statement.h"

namespace consultd {

// It is labelled `42CFRPart2` of v3-ActCode, by its source or by us.
bool is_under_part2(fhir::JsonView resource);
// Those of a packet, newest first.
std::vector<const Statement*> under_part2(const Reading& reading);

// Who lets whom have the record, for what and how long, in a sentence or two: no word of what the
// consent leaves out.
std::string consent_scope_words(const PacketInput& input);

}  // namespace consultd
