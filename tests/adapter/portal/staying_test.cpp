#include "adapter/portal/staying.h"

#include <gtest/gtest.h>

namespace consultd::portal {
namespace {

using enum Offered::Standing;

std::string withheld(const std::string& source, const std::string& reason) {
    return R"({"line":"resource","source":")" + source + R"(","outcome":"withheld","reason":")" +
           reason + "\"}\n";
}
Staying of(const std::string& lines, const Offers& offer, const Choice& choice = {}) {
    return staying_of(lines, offer, choice);
}

TEST(StayingTest, EachReasonIsSaidByGroup) {
    const Choice choice{.groups = {"diagnoses", "tests"}};
    const Staying staying = of(
        withheld("MedicationRequest/1", "class-not-permitted") +
            withheld("Observation/1", "period") + withheld("Observation/2", "instance-denied") +
            withheld("Condition/1", "sensitivity:HIV") + withheld("Condition/2", "sensitivity:MH") +
            withheld("Practitioner/1", "only-with-withheld"),
        {{.source = "Condition/2", .name = "x", .standing = Possible}}, choice);
    EXPECT_EQ(staying, (Staying{{Word::StayNotTicked, {{Word::GroupMedicines, 1}}},
                                {Word::StayDays, {{Word::GroupTests, 1}}},
                                {Word::StayOne, {{Word::GroupTests, 1}}},
                                {Word::StayPrivate, {{Word::PrivateHiv, 1}}},
                                {Word::StayMaybe, {{Word::GroupDiagnoses, 1}}},
                                {Word::StayWith, {{Word::StayNames, 1}}}}));
}

TEST(StayingTest, ThatSomethingWasNotTickedIsNeverSaidOfWhatWas) {
    const Choice choice{.groups = {"diagnoses"}, .matters = {"hiv", "drugs"}};
    EXPECT_EQ(of(withheld("Condition/1", "sensitivity:SUD"), {}, choice),
              (Staying{{Word::StayRule, {{Word::GroupDiagnoses, 1}}}}));
    EXPECT_EQ(of(withheld("MedicationRequest/1", "sensitivity:HIV"), {}, choice),
              (Staying{{Word::StayNotTicked, {{Word::GroupMedicines, 1}}}}))
        << "a private item goes only with its group";
}

TEST(StayingTest, ADocumentAndItsFileAreOneThing) {
    const Offers offer{{.source = "DocumentReference/1", .name = "Letter", .bytes = {"Binary/1"}}};
    EXPECT_EQ(of(withheld("DocumentReference/1", "class-not-permitted") +
                     withheld("Binary/1", "class-not-permitted"),
                 offer),
              (Staying{{Word::StayNotTicked, {{Word::GroupNotes, 1}}}}));
    EXPECT_EQ(of(withheld("Binary/2", "undecidable"), offer, {.groups = {"notes"}}),
              (Staying{{Word::StayRule, {{Word::GroupNotes, 1}}}}))
        << "a file that no document names is told too";
}

TEST(StayingTest, WhatGoesIsNotSaidToStay) {
    EXPECT_TRUE(
        of(R"({"line":"resource","source":"Condition/1","outcome":"delivered","as":"urn:uuid:1"})"
           "\n",
           {})
            .empty());
}

}  // namespace
}  // namespace consultd::portal
