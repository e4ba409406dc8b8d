#include "adapter/stages/deliver/identity.h"

#include <algorithm>
#include <array>
#include <map>

#include "adapter/stages/belonging/belonging.h"
#include "adapter/stages/deliver/person_names.h"
#include "fhir/base/text_fold.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Names = std::set<std::string>;
using Given = GivenNames;

constexpr std::string_view identifier_types = "http://terminology.hl7.org/CodeSystem/v2-0203";

// Numbers that are one person's alone, by who gives them: medical record numbers, an enterprise's
// internal numbers, and those of a state. https://terminology.hl7.org/CodeSystem-v2-0203.html
// Not among them: a payer's (MB, MA, MC, SN), a household's, an account's, a visit's, a temporary
// one's (MRT).
constexpr std::array<std::string_view, 8> strong_types{"MR", "PI",  "PE",  "SS",
                                                       "NI", "JHN", "PPN", "CZ"};
// National numbers by their own system, where the type is left out.
constexpr std::array<std::string_view, 9> national_systems{
    "http://hl7.org/fhir/sid/us-ssn",
    "https://fhir.nhs.uk/Id/nhs-number",
    "http://ns.electronichealth.net.au/id/hi/ihi/1.0",
    "http://fhir.de/sid/gkv/kvid-10",
    "http://fhir.nl/fhir/NamingSystem/bsn",
    "urn:oid:2.16.756.5.32",
    "https://standards.digital.health.nz/ns/nhi-id",
    "http://electronichealth.se/identifier/personnummer",
    "urn:oid:1.2.246.21"};

std::string_view use_of(JsonView element) { return element["use"].string(); }
bool is_in_use(JsonView identifier) {
    return use_of(identifier) != "old" && use_of(identifier) != "temp";
}

enum class Strength { NotSaid, Strong, Weak };
Strength strength_of(JsonView identifier,
                     const std::set<std::string, std::less<>>& strong_systems) {
    const std::string_view system = identifier["system"].string();
    if (strong_systems.contains(system)) return Strength::Strong;
    for (const JsonView coding : identifier["type"]["coding"].items()) {
        if (coding["system"].string() != identifier_types) continue;
        const std::string_view code = coding["code"].string();
        // "NNUSA", "NNGBR" …: a national number with its country.
        const bool is_national = code.size() == 5 && code.starts_with("NN");
        const bool is_strong = is_national || std::find(strong_types.begin(), strong_types.end(),
                                                        code) != strong_types.end();
        return is_strong ? Strength::Strong : Strength::Weak;
    }
    const bool is_national = std::find(national_systems.begin(), national_systems.end(), system) !=
                             national_systems.end();
    return is_national ? Strength::Strong : Strength::NotSaid;
}

// A bare number is of any system: it may be the one, and never says so.
enum class Number { Other, Bare, Same };
Number compare_numbers(JsonView left, JsonView right) {
    const std::string_view system = left["system"].string(), value = left["value"].string();
    const std::string_view other = right["system"].string();
    if (value.empty() || value != right["value"].string()) return Number::Other;
    if (system.empty() || other.empty()) return Number::Bare;
    return system == other ? Number::Same : Number::Other;
}

void compare_identifiers(JsonView ours, JsonView theirs,
                         const std::set<std::string, std::less<>>& strong_systems,
                         Comparison& comparison) {
    for (const JsonView mine : ours["identifier"].items())
        for (const JsonView other : theirs["identifier"].items()) {
            const Number number = compare_numbers(mine, other);
            if (number == Number::Other) continue;
            comparison.shares_identifier = true;
            if (number == Number::Bare) continue;
            const Strength left = strength_of(mine, strong_systems);
            const Strength right = strength_of(other, strong_systems);
            const bool is_strong = left != Strength::Weak && right != Strength::Weak &&
                                   (left == Strength::Strong || right == Strength::Strong);
            if (is_strong && is_in_use(mine) && is_in_use(other))
                comparison.shares_strong_identifier = true;
        }
}

// The numbers that are the person's alone and in use, by their system.
std::map<std::string, Names> own_numbers(JsonView patient,
                                         const std::set<std::string, std::less<>>& strong_systems) {
    std::map<std::string, Names> numbers;
    for (const JsonView identifier : patient["identifier"].items()) {
        const std::string system(identifier["system"].string()),
            value(identifier["value"].string());
        if (!system.empty() && !value.empty() && is_in_use(identifier) &&
            strength_of(identifier, strong_systems) == Strength::Strong)
            numbers[system].insert(value);
    }
    return numbers;
}

// Of one system both have numbers, and none is the same: they are two.
bool has_other_number(JsonView ours, JsonView theirs,
                      const std::set<std::string, std::less<>>& strong_systems) {
    const auto mine = own_numbers(ours, strong_systems),
               other = own_numbers(theirs, strong_systems);
    return std::any_of(mine.begin(), mine.end(), [&](const auto& of_system) {
        const auto found = other.find(of_system.first);
        return found != other.end() && !share_one(of_system.second, found->second);
    });
}

// "m" and "maria".
bool is_initial_of(const Names& left, const Names& right) {
    const std::string& shorter = *left.begin();
    return shorter.size() == 1 && right.begin()->starts_with(shorter);
}

// The first must be the same. Further ones may be left out or shortened; where both write one in
// full and differ, as sisters called Maria do, they are two.
bool is_same_given(const Given& left, const Given& right) {
    if (!share_one(left[0], right[0])) return false;
    for (std::size_t i = 1; i < std::min(left.size(), right.size()); ++i)
        if (!share_one(left[i], right[i]) && !is_initial_of(left[i], right[i]) &&
            !is_initial_of(right[i], left[i]))
            return false;
    return true;
}

Agreement given_agreement(const std::vector<Given>& ours, const std::vector<Given>& theirs) {
    if (ours.empty() || theirs.empty()) return Agreement::Missing;
    for (const Given& mine : ours)
        for (const Given& other : theirs)
            if (is_same_given(mine, other)) return Agreement::Agree;
    return Agreement::Differ;
}

Agreement agreement(const Names& ours, const Names& theirs) {
    if (ours.empty() || theirs.empty()) return Agreement::Missing;
    return share_one(ours, theirs) ? Agreement::Agree : Agreement::Differ;
}

Agreement agreement(std::string_view ours, std::string_view theirs) {
    if (ours.empty() || theirs.empty()) return Agreement::Missing;
    return ours == theirs ? Agreement::Agree : Agreement::Differ;
}

// One name of each, family and given: what is of two names of a chart may be of two persons.
bool agree_in_one_name(JsonView ours, JsonView theirs) {
    const std::vector<Given> our_given = given_names(ours), their_given = given_names(theirs);
    for (const JsonView mine : ours["name"].items())
        for (const JsonView other : theirs["name"].items()) {
            if (!is_legal_name(mine) || !is_legal_name(other)) continue;
            if (share_one(forms_of(mine["family"].string()), forms_of(other["family"].string())) &&
                given_agreement(given_of(mine, our_given), given_of(other, their_given)) ==
                    Agreement::Agree)
                return true;
        }
    return false;
}

// Of a name that is a text alone nobody knows what in it is the family name.
bool stands_in_text(const Names& families, JsonView patient) {
    for (const JsonView name : patient["name"].items()) {
        if (!name["family"].string().empty()) continue;
        for (const std::string& text : forms_of(name["text"].string()))
            for (const std::string& family : families)
                if (text.find(family) != std::string::npos) return true;
    }
    return false;
}

// The date where it is a whole one; a year or a month is less than certain.
std::string_view full_date(JsonView patient) {
    const std::string_view text = patient["birthDate"].string();
    const auto date = fhir::Datetime::parse(text);
    return date && date->day() > 0 ? text.substr(0, 10) : std::string_view{};
}

std::string_view gender_of(JsonView patient) {
    const std::string_view gender = patient["gender"].string();
    return gender == "unknown" ? std::string_view{} : gender;
}

bool is_dead(JsonView patient) {
    return patient["deceasedBoolean"].is_true() || patient.has("deceasedDateTime");
}

bool is_out_of_use(JsonView ours, JsonView theirs) {
    return is_retired(theirs) || (is_dead(theirs) && !is_dead(ours)) ||
           has_unknown_modifier(theirs);
}

// A number as it is dialled from anywhere, an address without case; empty: too little to go by.
std::string contact_of(JsonView telecom) {
    constexpr std::size_t digits_min = 6;
    const std::string_view value = telecom["value"].string();
    std::string out;
    const bool is_address = value.find('@') != std::string_view::npos;
    for (const char c : value) {
        const bool is_digit = c >= '0' && c <= '9' && (c != '0' || !out.empty());
        if (is_address || is_digit) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    return out.size() < digits_min ? std::string() : out;
}

// With or without the code of a country or a town.
bool shares_contact(JsonView ours, JsonView theirs) {
    for (const JsonView mine : ours["telecom"].items())
        for (const JsonView other : theirs["telecom"].items()) {
            const std::string left = contact_of(mine), right = contact_of(other);
            if (!left.empty() && !right.empty() && (left.ends_with(right) || right.ends_with(left)))
                return true;
        }
    return false;
}

// Two full dates that differ in the year alone, as a slip of a finger has it.
bool differ_in_year_alone(std::string_view ours, std::string_view theirs) {
    constexpr std::size_t year = 4;
    return !ours.empty() && !theirs.empty() && ours.substr(year) == theirs.substr(year);
}

}  // namespace

Comparison compare_patients(JsonView ours, JsonView theirs,
                            const std::set<std::string, std::less<>>& strong_systems) {
    Comparison comparison{.family = agreement(families(ours), families(theirs)),
                          .given = given_agreement(given_names(ours), given_names(theirs)),
                          .birth_date = agreement(full_date(ours), full_date(theirs)),
                          .gender = agreement(gender_of(ours), gender_of(theirs)),
                          .is_out_of_use = is_out_of_use(ours, theirs)};
    compare_identifiers(ours, theirs, strong_systems, comparison);
    comparison.has_other_number = has_other_number(ours, theirs, strong_systems);
    comparison.is_one_name = agree_in_one_name(ours, theirs);
    comparison.is_named_in_text =
        stands_in_text(families(ours), theirs) || stands_in_text(families(theirs), ours);
    comparison.is_named_nearly = are_named_nearly(ours, theirs);
    comparison.shares_contact = shares_contact(ours, theirs);
    comparison.may_be_born_alike = ours["birthDate"].string().empty() ||
                                   theirs["birthDate"].string().empty() ||
                                   differ_in_year_alone(full_date(ours), full_date(theirs));
    const auto our_year = fhir::Datetime::parse(ours["birthDate"].string());
    const auto their_year = fhir::Datetime::parse(theirs["birthDate"].string());
    comparison.birth_years_agree = our_year && their_year && our_year->year() == their_year->year();
    return comparison;
}

bool is_certainly_the_same(const Comparison& comparison) {
    using enum Agreement;
    return comparison.shares_strong_identifier && !comparison.has_other_number &&
           comparison.is_one_name && comparison.birth_date == Agree && comparison.gender == Agree &&
           !comparison.is_out_of_use;
}

bool may_be_the_same(const Comparison& comparison) {
    using enum Agreement;
    if (comparison.shares_identifier) return true;
    return comparison.family == Agree && comparison.given != Differ &&
           comparison.birth_date != Differ && comparison.gender != Differ;
}

bool is_named_alike(const Comparison& comparison) {
    using enum Agreement;
    if (comparison.family == Differ || comparison.given == Differ ||
        comparison.birth_date == Differ || comparison.gender == Differ ||
        comparison.has_other_number)
        return false;
    const bool is_named_whole = comparison.is_one_name && comparison.birth_date == Agree;
    return comparison.shares_strong_identifier || (comparison.shares_identifier && is_named_whole);
}

bool is_similar(const Comparison& comparison) {
    using enum Agreement;
    const bool is_of_the_name = comparison.family == Agree || comparison.is_named_in_text;
    const bool is_born_that_day = comparison.birth_date == Agree;
    const bool may_be_the_gender = comparison.gender != Differ;
    // Each with its reason in the table of the header.
    return comparison.shares_identifier ||
           (is_of_the_name && (is_born_that_day || comparison.birth_years_agree)) ||
           (is_born_that_day && (comparison.is_named_nearly || comparison.shares_contact)) ||
           (comparison.is_one_name && comparison.may_be_born_alike && may_be_the_gender);
}

bool is_of_the_same_person(JsonView ours, JsonView theirs) {
    const Comparison said = compare_patients(ours, ours, {});
    const Comparison found = compare_patients(ours, theirs, {});
    const auto is_kept = [](Agreement mine, Agreement other) {
        return mine != Agreement::Agree || other == Agreement::Agree;
    };
    return is_kept(said.family, found.family) && is_kept(said.birth_date, found.birth_date) &&
           is_kept(said.gender, found.gender) && found.given != Agreement::Differ &&
           (!said.birth_years_agree || found.birth_years_agree);
}

bool is_retired(JsonView patient) {
    if (patient["active"].is_bool() && !patient["active"].is_true()) return true;
    for (const JsonView link : patient["link"].items())
        if (link["type"].string() == "replaced-by") return true;
    return false;
}

std::string identity_facts(const fhir::Json& patient) {
    fhir::Json facts = fhir::Json::object({});
    for (const char* name :
         {"identifier", "active", "name", "telecom", "gender", "birthDate", "deceasedBoolean",
          "deceasedDateTime", "link", "modifierExtension", "implicitRules"})
        if (patient.has(name)) facts = facts.with(name, patient.get(name));
    return facts.print();
}

}  // namespace consultd
