#include "adapter/stages/deliver/identity.h"

#include <algorithm>
#include <array>
#include <map>

#include "adapter/stages/belonging/belonging.h"
#include "fhir/base/text_fold.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Names = std::set<std::string>;

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

bool share_one(const Names& left, const Names& right) {
    return std::any_of(left.begin(), left.end(),
                       [&](const std::string& form) { return right.contains(form); });
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

// A name that someone goes by or went by; not a nickname, a stage name, or one made up for the day.
// https://hl7.org/fhir/R4/valueset-name-use.html
bool is_legal_name(JsonView name) {
    const std::string_view use = use_of(name);
    return use != "nickname" && use != "anonymous" && use != "temp";
}

void add_folded(Names& names, std::string_view text) {
    for (std::string name : {folded(text), folded_with_digraphs(text)})
        if (!name.empty()) names.insert(std::move(name));
}

// Maiden and former names among them: a chart may have been begun under one.
Names families(JsonView patient) {
    Names names;
    for (const JsonView name : patient["name"].items())
        if (is_legal_name(name)) add_folded(names, name["family"].string());
    return names;
}

// The parts of the given names in their order, each folded in both ways: "Anna-Maria" and "Anna
// Maria" are the same two parts.
using Given = std::vector<Names>;

void add_parts(Given& parts, std::string_view text) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find_first_of(" -"));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        Names forms;
        add_folded(forms, part);
        if (!forms.empty()) parts.push_back(std::move(forms));
    }
}

Given given_parts(JsonView name) {
    Given parts;
    for (const JsonView given : name["given"].items()) add_parts(parts, given.string());
    return parts;
}

std::vector<Given> given_names(JsonView patient) {
    std::vector<Given> all;
    for (const JsonView name : patient["name"].items())
        if (Given parts = given_parts(name); is_legal_name(name) && !parts.empty())
            all.push_back(std::move(parts));
    return all;
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

// A name without given names, as a maiden name often is, goes with each of the person's.
std::vector<Given> given_of(JsonView name, const std::vector<Given>& all) {
    Given own = given_parts(name);
    return own.empty() ? all : std::vector<Given>{std::move(own)};
}

// One name of each, family and given: what is of two names of a chart may be of two persons.
bool agree_in_one_name(JsonView ours, JsonView theirs) {
    const std::vector<Given> our_given = given_names(ours), their_given = given_names(theirs);
    for (const JsonView mine : ours["name"].items())
        for (const JsonView other : theirs["name"].items()) {
            if (!is_legal_name(mine) || !is_legal_name(other)) continue;
            Names left, right;
            add_folded(left, mine["family"].string());
            add_folded(right, other["family"].string());
            if (share_one(left, right) &&
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
        Names texts;
        add_folded(texts, name["text"].string());
        for (const std::string& text : texts)
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
    const bool is_of_the_name =
        comparison.family == Agreement::Agree || comparison.is_named_in_text;
    return comparison.shares_identifier ||
           (is_of_the_name &&
            (comparison.birth_date == Agreement::Agree || comparison.birth_years_agree));
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
         {"identifier", "active", "name", "gender", "birthDate", "deceasedBoolean",
          "deceasedDateTime", "link", "modifierExtension", "implicitRules"})
        if (patient.has(name)) facts = facts.with(name, patient.get(name));
    return facts.print();
}

std::vector<std::string> family_names_of(JsonView patient) {
    std::vector<std::string> names;
    for (const JsonView name : patient["name"].items()) {
        const std::string_view family = name["family"].string();
        if (!is_legal_name(name) || folded(family).empty()) continue;
        for (std::string one : {std::string(family), folded_with_digraphs(family)})
            if (std::find(names.begin(), names.end(), one) == names.end())
                names.push_back(std::move(one));
    }
    return names;
}

}  // namespace consultd
