// Finding: one line of what the doctor has to say: what was looked at, how it stands, and what a
// person can do about it. Its words are ours and the configuration's, with numbers and names of
// standards: no secret, and nothing of a patient, so that a report can be sent to the other side.
#pragma once

#include <string>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::doctor {

enum class Mark : std::uint8_t {
    Good,
    Note,  // worth knowing; nothing has to be done
    Bad,   // a transfer will not work, or not wholly
    Skip,  // could not be looked at, and why
};

struct Finding {
    Mark mark;
    StaticText what;        // "certificate", "token"
    std::string seen;       // "holds for 61 days"
    StaticText to_do = "";  // whose turn it is, and for what; empty: nobody's
};

using Findings = std::vector<Finding>;

}  // namespace consultd::doctor
