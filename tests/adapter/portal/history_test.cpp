#include "adapter/portal/history.h"

#include "adapter/actor.h"
#include "adapter/audit/act.h"

namespace consultd::portal {
namespace {

using audit::Act;

std::optional<HistoryLine> line_of(Act::What what, const Actor& who,
                                   const std::string& outcome = "",
                                   std::vector<std::pair<std::string, std::string>> details = {},
                                   const Actor& reader = Actor::patient()) {
    const Act act{.what = what,
                  .who = who.name(),
                  .who_system = std::string(who.system()),
                  .transfer_id = "t",
                  .patient_pseudonym = "p",
                  .destination_name = "Cancer Center",
                  .destination_base_url = "https://center.example/fhir",
                  .outcome = outcome,
                  .details = std::move(details),
                  .recorded = *parse_instant("2026-11-26T12:00:00.000Z")};
    return history_line(audit::act_event(act, "e"), reader);
}

TEST(HistoryTest, EachActIsSaidToItsPatient) {
    for (int what = 0; what <= static_cast<int>(Act::What::Deletion); ++what) {
        const auto line = line_of(static_cast<Act::What>(what), Actor::operator_named("anna"));
        ASSERT_TRUE(line) << what;
        EXPECT_EQ(line->when, "2026-11-26T12:00:00.000Z");
        EXPECT_EQ(line->who, "anna");
        EXPECT_FALSE(line->is_own);
    }
}

TEST(HistoryTest, WhatThePatientDidIsApartFromWhatOthersDid) {
    const auto own = line_of(Act::What::ReadOpinion, Actor::patient());
    ASSERT_TRUE(own);
    EXPECT_TRUE(own->is_own);
    EXPECT_EQ(own->what, Word::DidReadOpinion);
    EXPECT_EQ(own->who, "");
    const auto others = line_of(Act::What::ReadOpinion, Actor::operator_named("anna"));
    EXPECT_EQ(others->what, Word::TheyRead);
}

// Neither may take what the other did for their own, nor for that of somebody who works here.
TEST(HistoryTest, ThePatientAndWhoActsForThemSeeWhoOfThemItWas) {
    const Actor daughter = Actor::proxy("1f0c");
    const auto to_patient = line_of(Act::What::Approval, daughter);
    ASSERT_TRUE(to_patient);
    EXPECT_FALSE(to_patient->is_own);
    EXPECT_EQ(to_patient->what, Word::DoneApprove);
    EXPECT_EQ(to_patient->by, Word::ByProxy);
    EXPECT_EQ(to_patient->who, "");
    const auto to_daughter = line_of(Act::What::Approval, daughter, "", {}, daughter);
    EXPECT_TRUE(to_daughter->is_own);
    EXPECT_EQ(to_daughter->what, Word::DidApprove);
    const auto to_son = line_of(Act::What::Approval, daughter, "", {}, Actor::proxy("9b3a"));
    EXPECT_EQ(to_son->by, Word::ByProxy);
    const auto by_patient = line_of(Act::What::Cancel, Actor::patient(), "", {}, daughter);
    EXPECT_EQ(by_patient->by, Word::ByPatient);
    EXPECT_EQ(by_patient->what, Word::DoneStop);
}

TEST(HistoryTest, TheAnswerToAStopIsToldWithWhatWasDeleted) {
    const auto line = line_of(Act::What::Withdrawal, Actor::patient(), "task-cancelled",
                              {{"deleted", "12"}, {"gone", "1"}});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->what, Word::TheyKnowStopped);
    EXPECT_FALSE(line->is_own);
    EXPECT_EQ(line->erased, 12U);
    EXPECT_EQ(line_of(Act::What::Withdrawal, {}, "asked-by-communication")->what,
              Word::TheyWereAsked);
}

TEST(HistoryTest, WhatIsNoEventOfOursSaysNothing) {
    for (const char* text : {R"({"resourceType":"AuditEvent"})",
                             R"({"subtype":[{"system":"urn:other","code":"packet-read"}]})"})
        EXPECT_FALSE(history_line(*fhir::Json::parse(text), Actor::patient()));
}

}  // namespace
}  // namespace consultd::portal
