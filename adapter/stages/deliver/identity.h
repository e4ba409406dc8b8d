// Identity: whether two Patients are one person, by written rules. Filing a record into another
// person's chart is the worst that a transfer can do, so absent is not agreeing, and what is less
// than certain is for a person to decide. Pure. Knows nothing of how candidates are found.
//
// Certain: a strong identifier in common, and family name, first given name, full birth date and
// administrative gender all present on both sides and agreeing; the chart in use, and of a living
// person where ours is.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "fhir/json.h"

namespace consultd {

enum class Agreement { Agree, Differ, Missing };

// What stands against what, for the rules and for whoever has to decide.
struct Comparison {
    Agreement family, given, birth_date, gender;
    bool shares_identifier = false;         // any, also one out of use
    bool shares_strong_identifier = false;  // in use on both sides
    bool birth_years_agree = false;
    bool is_out_of_use = false;  // theirs: inactive, replaced by another, or deceased alone
};

// `strong_systems`: identifier systems that the configuration calls strong.
Comparison compare_patients(fhir::JsonView ours, fhir::JsonView theirs,
                            const std::set<std::string, std::less<>>& strong_systems);

bool is_certainly_the_same(const Comparison& comparison);
// Nothing says that it is another person: beside such a chart no other is certain.
bool may_be_the_same(const Comparison& comparison);
// A chart of this kind may be the same person's: none may be made beside it without a person's
// look. An identifier in common, or the family name with the birth date or its year.
bool is_similar(const Comparison& comparison);

// The family names to look for, as written, each also with its umlauts as two letters.
std::vector<std::string> family_names_of(fhir::JsonView patient);

}  // namespace consultd
