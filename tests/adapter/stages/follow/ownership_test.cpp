// Whose it is that came back: nobody's but of the chart into which the record was delivered.
#include "adapter/stages/follow/ownership.h"

#include <gtest/gtest.h>

#include "adapter/stages/follow/follow.h"
#include "fhir/base/crypto.h"
#include "our_order.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::FakeFhirServer;
using testing::order_of_77;

const std::string mrn = R"({"system":"urn:mrn","value":"1","type":{"coding":[{"system":)"
                        R"("http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}})";
const std::string insurance = R"({"system":"urn:payer","value":"family-9"})";

std::string person(const std::string& id, const std::string& given, const std::string& numbers,
                   const std::string& more = "") {
    return R"({"resourceType":"Patient","id":")" + id + R"(","name":[{"family":"Test","given":[")" +
           given + R"("]}],"birthDate":"1970-05-06","gender":"female","identifier":[)" + numbers +
           "]" + more + "}";
}

class OwnershipTest : public ::testing::Test {
protected:
    OwnershipTest() { server.put(person("77", "Anna", mrn + "," + insurance)); }

    void task(const std::string& members, const std::string& patient = "Patient/77",
              const std::string& focus = "ServiceRequest/8") {
        server.put(R"({"resourceType":"Task","id":"5","status":"completed","identifier":[{"system":
            "urn:consultd:transfer","value":"t-1"}],"for":{"reference":")" +
                   patient + R"("},"focus":{"reference":")" + focus + R"("},)" + members + "}");
    }
    void task_with_output(const std::string& reference) {
        task(R"("output":[{"valueReference":{"reference":")" + reference + R"("}}])");
    }
    static std::string document(const std::string& patient, const std::string& entry = "",
                                const std::string& subject = "urn:uuid:p") {
        return R"({"resourceType":"Bundle","id":"6","type":"document","entry":[
            {"fullUrl":"urn:uuid:c","resource":{"resourceType":"Composition","subject":{"reference":")" +
               subject + R"("}}},{"fullUrl":"urn:uuid:p","resource":)" + patient + "}" + entry +
               "]}";
    }
    // What was not taken; empty: all of it was, and something.
    std::vector<std::string> problems() {
        const Followed seen = follow(server.client(), "Task/5", order, server.call()).value();
        std::vector<std::string> words;
        for (const StaticText& problem : seen.problems) words.emplace_back(problem.view());
        const bool has_any = seen.task["output"].size() > 0;
        EXPECT_NE(has_any, !words.empty()) << "what is not ours is not kept either";
        if (!has_any) {
            EXPECT_TRUE(seen.resources.empty());
        }
        return words;
    }
    using Words = std::vector<std::string>;
    const Words taken{}, others{"other-patient"};
    FakeFhirServer server;
    const OurOrder order = order_of_77();
};

TEST_F(OwnershipTest, TaskMustNameTheChartThatTheRecordLiesIn) {
    const std::string yes = R"("output":[{"valueString":"Yes."}])";
    for (const char* ours :
         {"Patient/77", "https://ehr.example/fhir/Patient/77", "Patient/77/_history/3"}) {
        task(yes, ours);
        EXPECT_EQ(problems(), taken) << ours;
    }
    for (const char* not_ours : {"Patient/78", "https://other.example/fhir/Patient/77", "#p", "",
                                 "urn:uuid:77", "Patient?identifier=1", "Group/77"}) {
        task(yes, not_ours);
        EXPECT_EQ(problems(), others) << not_ours;
    }
}

TEST_F(OwnershipTest, TaskThatIsAboutAnotherOrderIsNoAnswerToOurs) {
    task(R"("output":[{"valueString":"Yes."}])", "Patient/77", "ServiceRequest/9");
    EXPECT_EQ(problems(), Words{"other-order"});
}

// Two charts of one person were made one after the delivery: the old one says so, and the new one
// names the same person.
TEST_F(OwnershipTest, ChartThatOursWasMergedIntoIsThePatientsToo) {
    const std::string merged =
        R"(,"active":false,"link":[{"type":"replaced-by","other":{"reference":"Patient/79"}}])";
    server.put(person("77", "Anna", mrn, merged));
    server.put(person("79", "Anna", mrn));
    server.put(person("80", "Anna", mrn));
    task(R"("output":[{"valueString":"Yes."}])", "Patient/79");
    EXPECT_EQ(problems(), taken);
    task(R"("output":[{"valueString":"Yes."}])", "Patient/80");
    EXPECT_EQ(problems(), others) << "no chart says that it took the place of ours";
    server.put(person("79", "Berta", mrn));
    task(R"("output":[{"valueString":"Yes."}])", "Patient/79");
    EXPECT_EQ(problems(), others);
}

TEST_F(OwnershipTest, ResourceThatContainsAnotherPatientsIsNotTaken) {
    task_with_output("DiagnosticReport/1");
    const auto report = [](const std::string& contained) {
        return R"({"resourceType":"DiagnosticReport","id":"1","subject":{"reference":"Patient/77"},
            "contained":[)" +
               contained + "]}";
    };
    server.put(report(R"({"resourceType":"Observation","id":"o","subject":{"reference":
        "Patient/77"}})"));
    EXPECT_EQ(problems(), taken);
    server.put(report(R"({"resourceType":"Observation","id":"o","subject":{"reference":
        "Patient/78"}})"));
    EXPECT_EQ(problems(), others);
    server.put(report(person("p", "Berta", insurance)));
    EXPECT_EQ(problems(), others);
}

TEST_F(OwnershipTest, TaskThatContainsAnotherPatientsResourceGivesNothingOfIt) {
    const auto contained = [&](const std::string& resource) {
        task(R"("contained":[)" + resource +
             R"(],"output":[{"valueReference":{"reference":"#r"}}])");
    };
    contained(
        R"({"resourceType":"DiagnosticReport","id":"r","subject":{"reference":"Patient/77"}})");
    EXPECT_EQ(problems(), taken);
    contained(R"({"resourceType":"DiagnosticReport","id":"r","subject":{"reference":"Patient/77"},
        "result":[{"reference":"#o"}]},{"resourceType":"Observation","id":"o",
        "subject":{"reference":"Patient/78"}})");
    EXPECT_EQ(problems(), (Words{"other-patient", "other-patient"}));
}

// A document has its own names for its Patient.
TEST_F(OwnershipTest, DocumentIsOursByTheIdentityOfItsPatient) {
    task_with_output("Bundle/6");
    for (const std::string& ours :
         {person("x", "Anna", mrn), person("x", "Anna", insurance), person("x", "ANNA", mrn)}) {
        server.put(document(ours));
        EXPECT_EQ(problems(), taken) << ours;
    }
    const std::string twin = person("x", "Berta", insurance);
    const std::string nameless = R"({"resourceType":"Patient","birthDate":"1970-05-06",
        "identifier":[)" + insurance +
                                 "]}";
    const std::string no_number = person("x", "Anna", R"({"system":"urn:other","value":"5"})");
    const std::string other_number = person("x", "Anna", R"({"system":"urn:mrn","value":"2"})");
    for (const std::string& other : {twin, nameless, no_number, other_number}) {
        server.put(document(other));
        EXPECT_EQ(problems(), others) << other;
    }
}

TEST_F(OwnershipTest, DocumentIsNotOursWhereAnyEntryIsAboutSomebodyElse) {
    task_with_output("Bundle/6");
    const std::string anna = person("x", "Anna", mrn);
    const auto entry = [](const std::string& resource) {
        return R"(,{"fullUrl":"urn:uuid:e","resource":)" + resource + "}";
    };
    const auto observation = [&](const std::string& subject) {
        return entry(R"({"resourceType":"Observation","subject":{"reference":")" + subject +
                     R"("}})");
    };
    server.put(document(anna, observation("urn:uuid:p")));
    EXPECT_EQ(problems(), taken);
    for (const std::string& other : {observation("Patient/78"), observation("urn:uuid:nobody"),
                                     entry(person("y", "Berta", insurance)),
                                     entry(document(person("y", "Berta", insurance)))}) {
        server.put(document(anna, other));
        EXPECT_EQ(problems(), others) << other;
    }
    server.put(document(anna, "", "urn:uuid:nobody"));
    EXPECT_EQ(problems(), others) << "its subject is not in it";
}

TEST_F(OwnershipTest, RecordOfAnotherInBytesIsNotTaken) {
    const auto attached = [&](const std::string& record) {
        task(R"("output":[{"valueAttachment":{"contentType":"application/fhir+json","data":")" +
             crypto::base64(record) + R"("}}])");
        return problems();
    };
    EXPECT_EQ(attached("%PDF-1.7"), taken);
    EXPECT_EQ(attached(document(person("x", "Anna", mrn))), taken);
    EXPECT_EQ(attached(document(person("x", "Berta", insurance))), others);
    EXPECT_EQ(attached(R"({"resourceType":"Observation","id":"1","subject":{"reference":
        "Patient/78"}})"),
              others);
    task_with_output("Binary/2");
    server.put(
        R"({"resourceType":"Binary","id":"2","contentType":"application/fhir+json","data":")" +
        crypto::base64(document(person("x", "Berta", insurance))) + R"("})");
    EXPECT_EQ(problems(), others);
}

// It lets us read what it gives, and no chart: then only what names the chart itself is proven.
TEST_F(OwnershipTest, ChartThatMayNotBeReadProvesNoDocument) {
    server.fail("Patient/77", 403);
    task(R"("output":[{"valueString":"Yes."}])");
    EXPECT_EQ(problems(), taken);
    server.put(document(person("x", "Anna", mrn)));
    task_with_output("Bundle/6");
    EXPECT_EQ(problems(), others);
}

TEST_F(OwnershipTest, ServerThatIsBusyWithTheChartIsAskedAgainLater) {
    server.fail("Patient/77", 503, 1);
    task(R"("output":[{"valueString":"Yes."}])");
    EXPECT_EQ(follow(server.client(), "Task/5", order, server.call()).error().kind(),
              ErrorKind::Unavailable);
}

}  // namespace
}  // namespace consultd
