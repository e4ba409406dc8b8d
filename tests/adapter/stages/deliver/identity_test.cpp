// The rules of identity, held against a slow evaluator that goes by the table in identity.h alone
// and shares no line with them: pairs of charts, made by changing each thing that a chart says, two
// at a time.
#include "adapter/stages/deliver/identity.h"

#include <gtest/gtest.h>

#include <functional>

#include "slow_identity.h"

namespace consultd {
namespace {

using namespace slow_identity;

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
        {{"", "Mueler", "", {"Ann"}}},
        {{"", "Mülelr", "", {"Berta"}}},
        {{"", "Millers", "", {"Anna"}}},
        {{"", "Anna", "", {"Müller"}}},
        {{"", "Schmidt", "", {"Anna Maria"}}},
        {{"", "Schmidt", "", {"Berta"}}},
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
