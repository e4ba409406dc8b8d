// Standing table: what each code of each status element of R4 makes of a resource, by element and
// value set. The words are those of the standards; what stands beside a name is nothing else.
#pragma once

#include <span>

#include "adapter/stages/reading/standing.h"

namespace consultd {

struct StandingCode {
    StaticText code;
    Standing standing;
    StaticText words;  // empty: it may be told as it is
};

struct StandingRule {
    StaticText types;    // resource types, parted by spaces
    StaticText element;  // of each of them
    StaticText url;      // of the value set, or of the element's definition
    std::span<const StandingCode> codes;
};

std::span<const StandingRule> standing_rules();

// Codes of SNOMED CT that stand in a status (http://snomed.info/sct), and whole words by which a
// status is said in words, in lower case; either may be empty.
struct OtherStatus {
    StaticText code;
    Standing standing;
    StaticText words;
};
std::span<const OtherStatus> other_statuses();

// https://simplifier.net/basisprofil-de-r4/icd-10-gm-diagnosesicherheit, with the German word and
// what it means.
std::span<const StandingCode> diagnosis_certainties();

}  // namespace consultd
