// Identity: whether two Patients are one person, by written rules. Filing a record into another
// person's chart is the worst that a transfer can do, so absent is not agreeing, and what is less
// than certain is for a person to decide. Pure. Knows nothing of how candidates are found.
//
// Certain: all of these rows agree, and no other chart may be the same person's.
//
//   row         agrees                                        does not, among others
//   identifier  the same system and value, in use on both     a payer's (MB, MA, MC, SN), an
//               sides, and one person's alone: of type MR,    account's or a visit's number; a bare
//               PI, PE, SS, NI, NN???, JHN, PPN or CZ, of a   number without a system; one that
//               national system, or of one that the config    either side calls weak; one that is
//               calls strong                                  old or temporary; or, of the same
//                                                             system, two different ones that are
//                                                             one person's alone
//   family      one of the names that either goes or went by  a nickname, an anonymous or temporary
//               (maiden and old names by `use`), without      name; part of a double name; a name
//               case and diacritics, umlauts also as two      that is written as text alone
//               letters
//   given       the first, with the family name in one name;  another first name; two further names
//               further ones may be left out or be initials;  that are written in full and differ
//               "Anna-Maria" is "Anna Maria"
//   birth date  the day                                       a year or a month alone
//   gender      administrative gender                         `unknown`
//   chart       in use                                        inactive, replaced by another, of
//                                                             somebody who died alone, marked with
//                                                             what nobody here understands
//
// Similar, and so never passed over for a new chart: any of these, each a way in which charts of
// one person were seen to differ. That they are one person is for a person to say.
//
//   an identifier in common, of whatever kind           whatever else is missing
//   the family name, be it in a text, with the birth    a nickname, a twin, a day and a month that
//   date or its year                                    have changed places
//   both names nearly, and the birth date               one letter more, less, other, or two that
//                                                       have changed places (of three at least);
//                                                       the family name written as the given name
//   a telephone number or mail address, and the birth   any other name
//   date
//   the whole name, no other gender, and no birth date  a chart begun in haste; a slip of the
//   finger on one side, or one of another year alone
//
// A family name that is another one altogether, as after a marriage, is no sign: of a million
// charts one in ten new patients finds somebody of that given name who was born that day.
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
    bool has_other_number = false;          // of a system in which both have one of their own
    bool is_one_name = false;               // the family and the given name that agree
    bool is_named_in_text = false;          // one side's family name in the other's name as text
    bool birth_years_agree = false;
    bool is_named_nearly = false;    // each name but for one letter, or each in the other's place
    bool shares_contact = false;     // a telephone number, an address for mail
    bool may_be_born_alike = false;  // a side has no birth date, or the years alone differ
    // Theirs: inactive, replaced by another, deceased alone; or it has a modifierExtension or
    // implicitRules, by which it may be a test's, sealed, or not this person's.
    bool is_out_of_use = false;
};

// `strong_systems`: identifier systems that the configuration calls strong.
Comparison compare_patients(fhir::JsonView ours, fhir::JsonView theirs,
                            const std::set<std::string, std::less<>>& strong_systems);

bool is_certainly_the_same(const Comparison& comparison);
// Nothing says that it is another person: beside such a chart no other is certain.
bool may_be_the_same(const Comparison& comparison);
// A Patient in a document about a known chart is the chart's: nothing differs, and what they have
// in common is one person's alone, or a number with the name and the day of birth.
bool is_named_alike(const Comparison& comparison);
// A chart of this kind may be the same person's: none may be made beside it without a person's
// look.
bool is_similar(const Comparison& comparison);

// Whether a chart that was made of ours, or that something of ours was filed in, is of the person
// that it was sent of: what ours says of family name, birth date and gender agrees, and no given
// name is another.
bool is_of_the_same_person(fhir::JsonView ours, fhir::JsonView theirs);

// All that these rules look at, as text: where it is the same, so is what they say.
std::string identity_facts(const fhir::Json& patient);
// Out of use by its own word: replaced by another, inactive. Nobody's record is filed there.
bool is_retired(fhir::JsonView patient);

}  // namespace consultd
