#include <gmock/gmock.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using ::testing::Contains;
using ::testing::HasSubstr;

class PipelinePrepareTest : public testing::HospitalPair {};

// "Zero records is a finding, not a success."
TEST_F(PipelinePrepareTest, RecordWithoutAnythingClinicalIsHeldAndNotSent) {
    source.erase("Condition/c1");
    source.erase("Observation/o1");
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "no-records");
    EXPECT_EQ(posts(), 0u);
    source.put(R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/anna"},
                   "code":{"text":"Melanoma"}})");
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
}

// One patient has one pseudonym, however the order named them.
TEST_F(PipelinePrepareTest, PatientNamedByAnIdentifierHasThePseudonymOfTheId) {
    source.offer("Patient", {"identifier"});
    ask();
    const std::string pseudonym = transfer().patient_pseudonym;
    order.patient_id.clear();
    order.patient_system = "urn:mrn";
    order.patient_value = "1";
    ask();
    EXPECT_NE(transfer().patient_pseudonym, pseudonym);
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(transfer().patient_pseudonym, pseudonym);
    for (const fhir::Json& event : audited("disclosure-intent"))
        EXPECT_THAT(event.print(), HasSubstr(pseudonym));
}

// What was in force when the packet was made, not what is when it is sent.
TEST_F(PipelinePrepareTest, TheLogNamesTheKnowledgeThatThePacketWasMadeBy) {
    ask();
    EXPECT_EQ(run_until(Prepared), Prepared);
    Knowledge newer = built_in;
    newer.digest = std::string(64, 'f');
    knowledge = &newer;
    restart();
    EXPECT_EQ(run_until(Delivered), Delivered);
    ASSERT_EQ(audited("disclosure-intent").size(), 1u);
    const std::string intent = audited("disclosure-intent")[0].print();
    EXPECT_THAT(intent, HasSubstr(R"({"type":"knowledge-sha-256","valueString":")" +
                                  built_in.digest + R"("})"));
    close();
}

TEST_F(PipelinePrepareTest, StepThatKillsUsEachTimeIsHeldAfterAWhile) {
    on_crash_point = [](std::string_view point) {
        if (point == "pipeline.pulling") throw testing::Died();
    };
    ask();
    int deaths = 0;
    while (is_runnable(transfer().state) && deaths < 20) {
        try {
            step();
        } catch (const testing::Died&) {
            ++deaths;
            restart();
        }
    }
    EXPECT_EQ(deaths, 5);
    EXPECT_EQ(transfer().state, Held);
    EXPECT_EQ(transfer().reason, "step-dies");
    EXPECT_THAT(log.errors, Contains("step-dies"));
    on_crash_point = [](std::string_view) {};
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
}

// What has not the shape of FHIR would make whatever reads it stumble.
TEST_F(PipelinePrepareTest, MisshapenResourceIsRejectedAndNamedAsAGap) {
    for (const char* member :
         {R"("category":{"coding":[]})", R"("category":[{"coding":{"code":"laboratory"}}])",
          R"("identifier":{"value":"1"})", R"("meta":{"profile":"http://x.org"})",
          R"("meta":{"tag":{"code":"x"}})", R"("component":"x")", R"("extension":{"url":"u"})"}) {
        SCOPED_TRACE(member);
        source.put(R"({"resourceType":"Observation","id":"bad","status":"final","code":{"text":"x"},
                       "subject":{"reference":"Patient/anna"},)" +
                   std::string(member) + "}");
        ask();
        EXPECT_EQ(run_until(Delivered), Delivered);
        EXPECT_EQ(transfer().rejected, 1u);
        EXPECT_FALSE(transfer().complete);
        EXPECT_THAT(open_part(*store, sealer, id, Part::Gaps).value(),
                    HasSubstr(R"({"what":"1 entry of the record","reason":"malformed"})"));
    }
}

TEST_F(PipelinePrepareTest, PatientWithoutShapeIsNoPatient) {
    source.put(R"({"resourceType":"Patient","id":"anna","name":{"family":"Test"}})");
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "protocol");
    EXPECT_EQ(posts(), 0u);
}

}  // namespace
}  // namespace consultd
