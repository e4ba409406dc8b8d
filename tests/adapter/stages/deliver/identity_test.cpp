// The rules of identity, held against a slow evaluator that goes by the table in identity.h alone
// and shares no line with them: pairs of charts, made by changing each thing that a chart says, two
// at a time.
#include "adapter/stages/deliver/identity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "tests/support/fake_transport.h"

namespace consultd {
namespace {

using Words = std::vector<std::string>;

struct Number {
    std::string system, value, type, use = "";
    bool operator==(const Number&) const = default;
};
struct Name {
    std::string use, family, text;
    Words given;
};
struct Person {
    std::vector<Number> numbers;
    std::vector<Name> names;
    std::string birth_date, gender;
    bool is_active = true, is_dead = false, is_replaced = false;
};

// ---- as FHIR

fhir::Json json_of(const Person& person) {
    using fhir::Json;
    std::vector<Json> numbers, names;
    const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
    for (const Number& one : person.numbers) {
        const Json coding = Json::object(
            {{"system", "http://terminology.hl7.org/CodeSystem/v2-0203"}, {"code", one.type}});
        numbers.push_back(Json::object(
            {{"use", text(one.use)},
             {"system", text(one.system)},
             {"value", text(one.value)},
             {"type",
              one.type.empty() ? Json() : Json::object({{"coding", Json::array({coding})}})}}));
    }
    for (const Name& one : person.names) {
        std::vector<Json> given(one.given.begin(), one.given.end());
        names.push_back(Json::object({{"use", text(one.use)},
                                      {"family", text(one.family)},
                                      {"text", text(one.text)},
                                      {"given", Json::array(std::move(given))},
                                      {"prefix", Json::array({Json("Dr.")})}}));
    }
    const Json link = Json::object(
        {{"type", "replaced-by"}, {"other", Json::object({{"reference", "Patient/another"}})}});
    return Json::object({{"resourceType", "Patient"},
                         {"identifier", Json::array(std::move(numbers))},
                         {"name", Json::array(std::move(names))},
                         {"birthDate", text(person.birth_date)},
                         {"gender", text(person.gender)},
                         {"active", person.is_active ? Json() : Json(false)},
                         {"deceasedBoolean", person.is_dead ? Json(true) : Json()},
                         {"link", person.is_replaced ? Json::array({link}) : Json()}});
}

// ---- the slow evaluator

// Letter by letter, from a list; what is not in it is left out.
std::string plain(const std::string& name, bool with_two_letters) {
    const std::vector<std::pair<std::string, Words>> letters{
        {"ü", {"u", "ue"}}, {"ö", {"o", "oe"}}, {"ä", {"a", "ae"}}, {"ß", {"ss", "ss"}},
        {"é", {"e", "e"}},  {"í", {"i", "i"}},  {"Ü", {"u", "ue"}}, {"ñ", {"n", "n"}}};
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const auto found = std::ranges::find_if(letters, [&](const auto& letter) {
            return name.compare(at, letter.first.size(), letter.first) == 0;
        });
        if (found != letters.end()) {
            out += found->second[with_two_letters ? 1 : 0];
            at += found->first.size();
            continue;
        }
        const char c = name[at++];
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c & 0x80) != 0) out += c;
    }
    return out;
}

bool same_word(const std::string& left, const std::string& right) {
    for (const bool mine : {false, true})
        for (const bool other : {false, true})
            if (!plain(left, mine).empty() && plain(left, mine) == plain(right, other)) return true;
    return false;
}

bool is_used_name(const Name& name) {
    return name.use != "nickname" && name.use != "anonymous" && name.use != "temp";
}

Words words_of(const Words& given) {
    Words words;
    std::string all;
    for (const std::string& one : given) all += one + " ";
    std::string word;
    for (const char c : all) {
        if (c != ' ' && c != '-') {
            word += c;
            continue;
        }
        if (!word.empty()) words.push_back(word);
        word.clear();
    }
    return words;
}

bool same_given(const Words& left, const Words& right) {
    if (left.empty() || right.empty() || !same_word(left[0], right[0])) return false;
    for (std::size_t i = 1; i < left.size() && i < right.size(); ++i) {
        const std::string one = plain(left[i], false), other = plain(right[i], false);
        const bool is_initial = (one.size() == 1 && other.front() == one.front()) ||
                                (other.size() == 1 && one.front() == other.front());
        if (!same_word(left[i], right[i]) && !is_initial) return false;
    }
    return true;
}

bool same_full_name(const Person& ours, const Person& theirs) {
    const auto given_choices = [](const Person& person, const Name& name) {
        std::vector<Words> choices;
        if (!words_of(name.given).empty()) return std::vector<Words>{words_of(name.given)};
        for (const Name& other : person.names)
            if (is_used_name(other) && !words_of(other.given).empty())
                choices.push_back(words_of(other.given));
        return choices;
    };
    for (const Name& mine : ours.names)
        for (const Name& other : theirs.names) {
            if (!is_used_name(mine) || !is_used_name(other)) continue;
            if (!same_word(mine.family, other.family)) continue;
            for (const Words& left : given_choices(ours, mine))
                for (const Words& right : given_choices(theirs, other))
                    if (same_given(left, right)) return true;
        }
    return false;
}

bool is_strong(const Number& number) {
    const Words strong{"MR", "PI", "PE", "SS", "NI", "JHN", "PPN", "CZ", "NNDEU"};
    if (std::ranges::count(strong, number.type) > 0) return true;
    return number.type.empty() && number.system == "https://fhir.nhs.uk/Id/nhs-number";
}
bool is_used(const Number& number) { return number.use != "old" && number.use != "temp"; }

bool has_strong_number(const Person& ours, const Person& theirs) {
    for (const Number& mine : ours.numbers)
        for (const Number& other : theirs.numbers) {
            if (mine.system.empty() || mine.system != other.system || mine.value != other.value)
                continue;
            const bool is_weak = (!mine.type.empty() && !is_strong(mine)) ||
                                 (!other.type.empty() && !is_strong(other));
            if (!is_weak && (is_strong(mine) || is_strong(other)) && is_used(mine) &&
                is_used(other))
                return true;
        }
    return false;
}

bool has_two_numbers_of_one_system(const Person& ours, const Person& theirs) {
    std::map<std::string, std::pair<int, int>> pairs;  // of a system: equal, unequal
    for (const Number& mine : ours.numbers)
        for (const Number& other : theirs.numbers) {
            if (mine.system.empty() || mine.system != other.system || !is_used(mine) ||
                !is_used(other) || !is_strong(mine) || !is_strong(other))
                continue;
            ++(mine.value == other.value ? pairs[mine.system].first : pairs[mine.system].second);
        }
    return std::ranges::any_of(
        pairs, [](const auto& of) { return of.second.first == 0 && of.second.second > 0; });
}

bool slowly_certain(const Person& ours, const Person& theirs) {
    const bool is_day = ours.birth_date.size() == 10 && ours.birth_date == theirs.birth_date;
    const bool is_gender =
        !ours.gender.empty() && ours.gender != "unknown" && ours.gender == theirs.gender;
    const bool is_chart_in_use =
        theirs.is_active && !theirs.is_replaced && (!theirs.is_dead || ours.is_dead);
    return has_strong_number(ours, theirs) && !has_two_numbers_of_one_system(ours, theirs) &&
           same_full_name(ours, theirs) && is_day && is_gender && is_chart_in_use;
}

bool slowly_similar(const Person& ours, const Person& theirs) {
    for (const Number& mine : ours.numbers)
        for (const Number& other : theirs.numbers)
            if (!mine.value.empty() && mine.value == other.value &&
                (mine.system == other.system || mine.system.empty() || other.system.empty()))
                return true;
    const bool is_year = ours.birth_date.size() >= 4 && theirs.birth_date.size() >= 4 &&
                         ours.birth_date.substr(0, 4) == theirs.birth_date.substr(0, 4);
    const auto stands_in = [](const Person& person, const Person& other) {
        for (const Name& name : person.names)
            for (const Name& written : other.names)
                for (const bool one : {false, true})
                    for (const bool two : {false, true})
                        if (is_used_name(name) && written.family.empty() &&
                            !plain(name.family, one).empty() &&
                            plain(written.text, two).find(plain(name.family, one)) !=
                                std::string::npos)
                            return true;
        return false;
    };
    bool is_name = stands_in(ours, theirs) || stands_in(theirs, ours);
    for (const Name& mine : ours.names)
        for (const Name& other : theirs.names)
            is_name = is_name || (is_used_name(mine) && is_used_name(other) &&
                                  same_word(mine.family, other.family));
    return is_name && is_year;
}

// ---- the pairs

const Number mr{"urn:mrn", "1", "MR"}, payer{"urn:payer", "9", "MB"}, ssn{"urn:ssn", "5", "SS"};
const Person anna{
    {mr, payer, ssn}, {{"official", "Müller", "", {"Anna", "Maria"}}}, "1970-05-06", "female"};

using Change = std::function<void(Person&)>;

std::vector<Change> number_changes() {
    const std::vector<std::vector<Number>> all{{},
                                               {payer},
                                               {mr, payer},
                                               {ssn},
                                               {{"urn:mrn", "2", "MR"}},
                                               {{"urn:mrn", "2", "MR"}, ssn},
                                               {{"urn:mrn", "2", "MR"}, mr},
                                               {{"urn:other", "1", "MR"}},
                                               {{"", "1", "MR"}},
                                               {{"urn:mrn", "1", ""}},
                                               {{"urn:mrn", "1", "AN"}},
                                               {{"urn:mrn", "1", "MRT"}},
                                               {{"urn:mrn", "1", "MR", "old"}},
                                               {{"urn:mrn", "1", "MR", "temp"}},
                                               {{"urn:mrn", "1", "NNDEU"}},
                                               {{"https://fhir.nhs.uk/Id/nhs-number", "7", ""}}};
    std::vector<Change> changes;
    for (const auto& numbers : all)
        changes.push_back([numbers](Person& person) { person.numbers = numbers; });
    return changes;
}

std::vector<Change> name_changes() {
    const std::vector<std::vector<Name>> all{
        {},
        {{"", "MUELLER", "", {"ANNA"}}},
        {{"", "Muller", "", {"Anna-Maria"}}},
        {{"", "müller", "", {"Anna M."}}},
        {{"", "Müller", "", {"Anna", "Luise"}}},
        {{"", "Müller", "", {"Anna", "Maria", "Sofie"}}},
        {{"", "Müller", "", {"Berta"}}},
        {{"", "Müller", "", {"A."}}},
        {{"", "Müller", "", {}}},
        {{"", "", "", {"Anna"}}},
        {{"", "", "Anna Maria Müller", {}}},
        {{"", "", "Frau Mueller", {"Anna"}}},
        {{"", "Müller-Lüdenscheidt", "", {"Anna"}}},
        {{"", "Müller Lüdenscheidt", "", {"Anna"}}},
        {{"", "Müller Jr.", "", {"Anna"}}},
        {{"", "Dr. Müller", "", {"Anna"}}},
        {{"", "Мюллер", "", {"Анна"}}},
        {{"", "Schmidt", "", {"Anna"}}, {"maiden", "Müller", "", {}}},
        {{"", "Schmidt", "", {"Anna"}}, {"old", "Müller", "", {"Anna"}}},
        {{"", "Schmidt", "", {"Anna"}}, {"nickname", "Müller", "", {"Anna"}}},
        {{"", "Schmidt", "", {"Anna"}}, {"", "Müller", "", {"Berta"}}},
        {{"anonymous", "Müller", "", {"Anna"}}},
        {{"temp", "Müller", "", {"Anna"}}}};
    std::vector<Change> changes;
    for (const auto& names : all)
        changes.push_back([names](Person& person) { person.names = names; });
    return changes;
}

std::vector<Change> other_changes() {
    std::vector<Change> changes{[](Person&) {}};
    for (const char* date : {"", "1970", "1970-05", "1970-05-07", "1971-05-06"})
        changes.push_back([date](Person& person) { person.birth_date = date; });
    for (const char* gender : {"", "male", "other", "unknown"})
        changes.push_back([gender](Person& person) { person.gender = gender; });
    changes.push_back([](Person& person) { person.is_active = false; });
    changes.push_back([](Person& person) { person.is_dead = true; });
    changes.push_back([](Person& person) { person.is_replaced = true; });
    return changes;
}

std::vector<Person> people() {
    std::vector<Change> changes = other_changes();
    for (const auto& more : {number_changes(), name_changes()})
        changes.insert(changes.end(), more.begin(), more.end());
    std::vector<Person> all;
    for (std::size_t i = 0; i < changes.size(); ++i)
        for (std::size_t j = i; j < changes.size(); ++j) {
            Person person = anna;
            changes[i](person);
            changes[j](person);
            all.push_back(std::move(person));
        }
    return all;
}

TEST(IdentityTest, RulesSayWhatTheTableSaysOfEachPair) {
    std::size_t certain = 0, similar = 0, pairs = 0;
    const std::vector<Person> theirs = people();
    std::vector<Person> ours;
    for (const Change& change : number_changes()) change(ours.emplace_back(anna));
    for (const Change& change : name_changes()) change(ours.emplace_back(anna));
    for (const Change& change : other_changes()) change(ours.emplace_back(anna));
    std::vector<fhir::Json> charts;
    for (const Person& person : theirs) charts.push_back(json_of(person));
    for (std::size_t i = 0; i < ours.size(); ++i)
        // A part of them for each, another one each time.
        for (std::size_t j = i % 29; j < theirs.size(); j += 29) {
            const fhir::Json mine = json_of(ours[i]);
            const Comparison comparison = compare_patients(mine, charts[j], {});
            ++pairs;
            certain += slowly_certain(ours[i], theirs[j]) ? 1 : 0;
            similar += slowly_similar(ours[i], theirs[j]) ? 1 : 0;
            ASSERT_EQ(is_certainly_the_same(comparison), slowly_certain(ours[i], theirs[j]))
                << mine.print() << "\n"
                << charts[j].print();
            ASSERT_EQ(is_similar(comparison), slowly_similar(ours[i], theirs[j]))
                << mine.print() << "\n"
                << charts[j].print();
            // Who is certain is never passed over, nor thought to be another.
            if (is_certainly_the_same(comparison)) {
                ASSERT_TRUE(is_similar(comparison) && may_be_the_same(comparison));
            }
        }
    EXPECT_GT(pairs, 2'000u);
    EXPECT_GT(certain, 20u);
    EXPECT_GT(similar - certain, 200u);
    EXPECT_GT(pairs - similar, 20u);
}

// What the table is for, in plain words.
TEST(IdentityTest, NobodyElseIsEverCertain) {
    const auto is_certain = [](const Person& theirs) {
        return is_certainly_the_same(compare_patients(json_of(anna), json_of(theirs), {}));
    };
    EXPECT_TRUE(is_certain(anna));
    Person twin = anna;
    twin.numbers = {{"urn:mrn", "2", "MR"}, payer};
    twin.names = {{"official", "Müller", "", {"Berta"}}};
    EXPECT_FALSE(is_certain(twin));
    Person twin_with_a_wrong_number = twin;
    twin_with_a_wrong_number.numbers = {mr};
    EXPECT_FALSE(is_certain(twin_with_a_wrong_number));
    Person spouse = anna;
    spouse.names = {{"official", "Müller", "", {"Karl"}}};
    spouse.gender = "male";
    spouse.birth_date = "1968-01-02";
    EXPECT_FALSE(is_certain(spouse));
    Person nameless = anna;
    nameless.names.clear();
    EXPECT_FALSE(is_certain(nameless));
    Person two_in_one = anna;
    two_in_one.names = {{"", "Müller", "", {"Berta"}}, {"", "Schmidt", "", {"Anna"}}};
    EXPECT_FALSE(is_certain(two_in_one)) << "the names of two persons in one chart";
    Person other_ssn = anna;
    other_ssn.numbers = {mr, {"urn:ssn", "6", "SS"}};
    EXPECT_FALSE(is_certain(other_ssn)) << "two social security numbers are two persons";
}

}  // namespace
}  // namespace consultd
