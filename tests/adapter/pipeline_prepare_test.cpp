#include <gmock/gmock.h>

#include "adapter/memory_budget.h"
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

// Nobody knows whether there are records that were not given.
class NotGivenTest : public PipelinePrepareTest,
                     public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(NotGivenTest, WhatWasNotGivenIsNotSaidNotToBeThere) {
    source.erase("Condition/c1");
    source.erase("Observation/o1");
    source.fail("Condition?", GetParam().first);
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, GetParam().second);
    const Result<std::string> gaps = open_part(*store, sealer, transfer().id, Part::Gaps);
    ASSERT_TRUE(gaps.ok());
    EXPECT_THAT(*gaps, HasSubstr("Condition"));
    EXPECT_THAT(*gaps, ::testing::Not(HasSubstr("no-records")));
}
INSTANTIATE_TEST_SUITE_P(ByStatus, NotGivenTest,
                         ::testing::Values(std::pair(403, "forbidden"),
                                           std::pair(404, "not-handed-over"),
                                           std::pair(302, "not-handed-over")));

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

// It counts two, and shows the one that we may see; or it did another search.
TEST_F(PipelinePrepareTest, IdentifierThatMayBeSeveralPatientsIsForAPerson) {
    order.patient_id.clear();
    order.patient_system = "urn:mrn";
    order.patient_value = "1";
    const std::string anna = source.resources().at("Patient/anna").print();
    for (const std::string& said :
         {R"("total":2,"entry":[{"resource":)" + anna + "}]", std::string(R"("total":1)"),
          R"("link":[{"relation":"self","url":"https://ehr.example/fhir/Patient?_count=9"}],"entry":
             [{"resource":)" +
              anna + "}]"}) {
        source.heal();
        source.fail_with("Patient/_search",
                         testing::json_answer(
                             200, R"({"resourceType":"Bundle","type":"searchset",)" + said + "}"));
        ask();
        EXPECT_EQ(run_until(Delivered), Held) << said;
        EXPECT_EQ(transfer().reason, "identity") << said;
        EXPECT_EQ(transfer().peer_side, "source") << said;
    }
    EXPECT_EQ(posts(), 0u);
}

// That there is no such search says nothing of the patient.
TEST_F(PipelinePrepareTest, SourceThatCannotBeAskedForAnIdentifierIsNotOneWithoutThePatient) {
    order.patient_id.clear();
    order.patient_system = "urn:mrn";
    order.patient_value = "1";
    source.fail("Patient/_search", 404);
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "unsupported");
}

// "Which of the two?" is not a question for us to answer.
TEST_F(PipelinePrepareTest, OrderThatNamesTwoPatientsMovesNeither) {
    source.offer("Patient", {"identifier"});
    order.patient_system = "urn:mrn";
    order.patient_value = "2";
    ask();
    EXPECT_EQ(run_until(Delivered), Failed);
    EXPECT_EQ(transfer().reason, "not-found");
    source.put(R"({"resourceType":"Patient","id":"otto","identifier":[{"system":"urn:mrn",
                   "value":"2"}]})");
    ask();
    EXPECT_EQ(run_until(Delivered), Failed);
    EXPECT_EQ(posts(), 0u);
    order.patient_value = "1";
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
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

// Six workers; each death is one of the process, and all that is in memory is gone.
TEST_F(PipelinePrepareTest, RecordThatKillsHarmsOnlyItself) {
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i) {
        ask();
        ids.push_back(id);
    }
    const std::string killer = ids[2];
    std::string at_work;
    on_crash_point = [&](std::string_view point) {
        if (point == "pipeline.pulling" && at_work == killer) throw testing::Died();
    };
    int deaths = 0;
    const auto work = [&] {
        std::vector<Lease> leases;
        while (auto lease = store->claim(clock.now(), std::chrono::minutes(2), "worker").value())
            leases.push_back(std::move(*lease));
        for (const Lease& lease : leases) {
            at_work = lease.transfer.id;
            EXPECT_TRUE(pipeline->advance(lease, {}).ok());
            EXPECT_TRUE(store->release(lease).ok());
        }
        return !leases.empty();
    };
    // Of what was open when we died, the destination is asked again after its time.
    for (int idle = 0; idle < 5 && deaths < 20;) {
        try {
            if (work()) continue;
            ++idle;
            clock.advance(settle);
        } catch (const testing::Died&) {
            ++deaths;
            restart();
        }
    }
    EXPECT_LE(deaths, 6);
    for (const std::string& one : ids) {
        const Transfer ended = store->find(one).value().value();
        EXPECT_EQ(ended.state, one == killer ? Held : Delivered);
        EXPECT_EQ(ended.reason, one == killer ? "step-dies" : "");
    }
    EXPECT_EQ(posts(), 5u);
    EXPECT_EQ(destination.count_of("Task"), 5u);
}

TEST_F(PipelinePrepareTest, RecordThatTakesMoreMemoryThanTheLimitIsHeldAsTooLarge) {
    if (!memory_is_counted()) GTEST_SKIP() << "a sanitizer has operator new";
    config.limits.memory_bytes = 100'000;
    source.put(R"({"resourceType":"Observation","id":"big","status":"final","code":{"text":")" +
               std::string(200'000, 'x') + R"("},"subject":{"reference":"Patient/anna"}})");
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "too-large");
    EXPECT_EQ(posts(), 0u);
    config.limits.memory_bytes = std::uint64_t{1} << 30;
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
}

// What has not the shape of FHIR would make whatever reads it stumble.
TEST_F(PipelinePrepareTest, MisshapenResourceIsRejectedAndNamedAsAGap) {
    for (const char* member :
         {R"("category":["laboratory"])", R"("identifier":[{"value":["1","2"]}])",
          R"("meta":{"profile":{"x":1}})", R"("meta":{"tag":"x"})", R"("component":"x")",
          R"("extension":"u")", R"("valueQuantity":5)"}) {
        SCOPED_TRACE(member);
        source.put(R"({"resourceType":"Observation","id":"bad","status":"final","code":{"text":"x"},
                       "subject":{"reference":"Patient/anna"},)" +
                   std::string(member) + "}");
        ask();
        EXPECT_EQ(run_until(Delivered), Delivered);
        EXPECT_EQ(transfer().rejected, 1u);
        EXPECT_FALSE(transfer().complete);
        EXPECT_THAT(open_part(*store, sealer, id, Part::Gaps).value(),
                    HasSubstr("{\"what\":\"Observation (1 entry)\",\"reason\":\"malformed\"}"));
    }
}

// One where a list is expected, and a list of one where none is: nothing is lost by putting it so.
TEST_F(PipelinePrepareTest, WhatIsMeantIsKeptWhereItIsPlain) {
    source.put(R"({"resourceType":"Observation","id":"plain","status":["final"],
        "code":[{"text":"x"}],"category":{"coding":{"code":"laboratory"}},
        "subject":{"reference":"Patient/anna"}})");
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(transfer().rejected, 0u);
    EXPECT_EQ(open_part(*store, sealer, id, Part::Gaps).value().find("malformed"),
              std::string::npos);
}

TEST_F(PipelinePrepareTest, PatientWithoutShapeIsNoPatient) {
    source.put(R"({"resourceType":"Patient","id":"anna","name":"Test"})");
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "protocol");
    EXPECT_EQ(posts(), 0u);
}

}  // namespace
}  // namespace consultd
