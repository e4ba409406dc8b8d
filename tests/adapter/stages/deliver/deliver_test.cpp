#include "adapter/stages/deliver/deliver.h"

#include <gtest/gtest.h>

#include <set>

#include "adapter/stages/deliver/ways.h"
#include "fhir/base/crypto.h"
#include "fhir/r4/validate.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using namespace consultd::testing;

const std::string transfer_id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b";
const std::string patient_urn = "urn:uuid:11111111-1111-4111-8111-111111111111";
const std::string observation_urn = "urn:uuid:22222222-2222-4222-8222-222222222222";
const std::string binary_urn = "urn:uuid:33333333-3333-4333-8333-333333333333";

void collect(fhir::JsonView json, std::string_view member, std::vector<std::string>& found) {
    if (json[member].is_string()) found.emplace_back(json[member].string());
    for (const fhir::JsonView item : json.items()) collect(item, member, found);
    for (const fhir::JsonMember& each : json.members()) collect(each.value, member, found);
}

class TransactionTest : public ::testing::Test {
protected:
    TransactionTest() {
        input.request.transfer_id = transfer_id;
        input.request.question = "Is a second line right?";
        input.request.source_name = "General Hospital";
        input.request.destination_name = "Cancer Center";
        input.request.destination_system = "http://hl7.org/fhir/sid/us-npi";
        input.request.destination_value = "1234567893";
        input.request.as_of = Instant(std::chrono::seconds(1'795'000'000));
        input.patient = patient_urn;
        add(patient_urn, R"({"resourceType":"Patient","id":"p","identifier":[
            {"system":"urn:ssn","value":"9"},
            {"type":{"coding":[{"code":"MR"}]},"system":"urn:mrn","value":"a|b c"}]})");
        add(observation_urn, R"({"resourceType":"Observation","id":"o","status":"final",
            "meta":{"versionId":"7","lastUpdated":"2024-01-01T00:00:00Z","profile":["urn:p"]},
            "code":{"text":"Hb"},"valueQuantity":{"value":2.00},
            "subject":{"reference":")" +
                                 patient_urn + R"("},
            "performer":[{"reference":"Practitioner/7","display":"Dr A"}],
            "derivedFrom":[{"reference":"https://ehr.example/fhir/Media/1"}]})");
        add(binary_urn, R"({"resourceType":"Binary","contentType":"text/plain","data":"QQ=="})");
        const std::string document = "urn:uuid:44444444-4444-4444-8444-444444444444";
        add(document, R"({"resourceType":"DocumentReference","status":"current",
            "subject":{"reference":")" +
                          patient_urn + R"("},
            "content":[{"attachment":{"url":")" +
                          binary_urn + R"("}}]})");
        packet.bundle_text =
            R"({"resourceType":"Bundle","type":"document","timestamp":"2026-11-18T10:26:40Z",
            "identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:9"},
            "entry":[{"fullUrl":")" +
            observation_urn + R"(","resource":{"resourceType":"Basic","code":{"text":"x"}}}]})";
        packet.bundle = json_of(packet.bundle_text);
        packet.html = "<!doctype html><title>Packet</title>";
        consent = json_of(R"({"resourceType":"Consent","id":"c","status":"active",
            "scope":{"text":"s"},"category":[{"text":"c"}],"policyRule":{"text":"r"},
            "patient":{"reference":"Patient/p"},
            "provision":{"type":"permit","provision":[{"type":"deny","code":[{"text":"WITHHELD-MARK"}],
              "data":[{"meaning":"instance","reference":{"reference":"Condition/WITHHELD-MARK"}}]}]}})");
    }
    void add(const std::string& full_url, std::string text) {
        input.resources.push_back(
            {full_url, full_url, fhir::Resource::from(json_of(std::move(text))).value()});
    }
    Result<std::string> make() {
        DestinationCapability capability;
        capability.update_create = update_create;
        capability.found_by_tag = found_by_tag;
        return make_transaction({.packet = packet,
                                 .input = input,
                                 .consent = consent,
                                 .capability = capability,
                                 .patient_there = patient_there,
                                 .settings = settings,
                                 .new_chart = new_chart});
    }
    fhir::Json made() { return json_of(make().value()); }
    // The entries of that type, with their requests.
    static std::vector<fhir::Json> entries(const fhir::Json& transaction, std::string_view type) {
        std::vector<fhir::Json> found;
        for (const fhir::JsonView entry : transaction["entry"].items())
            if (entry.at("resource", "resourceType").string() == type)
                found.push_back(transaction.share(entry));
        return found;
    }
    static fhir::Json resource(const fhir::Json& transaction, std::string_view type) {
        return entries(transaction, type).at(0).get("resource");
    }

    Packet packet;
    PacketInput input;
    fhir::Json consent;
    config::Deliver settings;
    std::optional<std::string> patient_there;
    DeliveryInput::NewChart new_chart = DeliveryInput::NewChart::OneATransfer;
    bool update_create = false;
    std::set<std::string, std::less<>> found_by_tag;
};

TEST_F(TransactionTest, SameInSameOut) { EXPECT_EQ(make().value(), make().value()); }

TEST_F(TransactionTest, EveryReferenceResolvesInsideOrIsTheMatchedPatient) {
    for (const auto& there :
         {std::optional<std::string>(), std::optional<std::string>("Patient/77")}) {
        patient_there = there;
        const fhir::Json transaction = made();
        std::set<std::string> names{there.value_or("")};
        for (const fhir::JsonView entry : transaction["entry"].items())
            EXPECT_TRUE(names.emplace(entry["fullUrl"].string()).second);
        std::vector<std::string> references;
        collect(transaction, "reference", references);
        EXPECT_GE(references.size(), 15u);
        for (const std::string& reference : references)
            EXPECT_TRUE(names.contains(reference)) << reference;
        EXPECT_EQ(entries(transaction, "Patient").size(), there ? 0u : 1u);
    }
}

// A server replaces the fullUrl of an entry wherever it stands: the document would no longer
// resolve.
TEST_F(TransactionTest, NamesInTheTransactionAreNotThoseInTheDocument) {
    const fhir::Json transaction = made();
    for (const fhir::JsonView entry : transaction["entry"].items())
        EXPECT_EQ(packet.bundle_text.find(entry["fullUrl"].string()), std::string::npos);
}

TEST_F(TransactionTest, ResourceIsCarriedAsItIsWithoutWhatItsServerSaid) {
    const fhir::Json observation = resource(made(), "Observation");
    EXPECT_FALSE(observation.has("id"));
    EXPECT_EQ(observation["meta"].print(), R"({"profile":["urn:p"]})");
    EXPECT_EQ(observation.at("valueQuantity", "value").number(), "2.00");
    const fhir::JsonView performer = observation["performer"].items()[0];
    EXPECT_EQ(performer.at("identifier", "value").string(), "Practitioner/7");
    EXPECT_EQ(performer["display"].string(), "Dr A");
    EXPECT_EQ(observation["derivedFrom"].items()[0].at("identifier", "value").string(),
              "https://ehr.example/fhir/Media/1");
}

TEST_F(TransactionTest, NothingIsCreatedTwice) {
    const fhir::Json transaction = made();
    const auto condition = [&](const char* type) {
        return std::string(entries(transaction, type).at(0).at("request", "ifNoneExist").string());
    };
    EXPECT_EQ(condition("Task"), "identifier=urn:consultd:transfer|" + transfer_id);
    const fhir::Json observation = resource(transaction, "Observation");
    const fhir::JsonView identifier = observation["identifier"].items()[0];
    EXPECT_EQ(condition("Observation"),
              "identifier=urn:consultd:entry|" + std::string(identifier["value"].string()));
    EXPECT_EQ(condition("Bundle"), "identifier=urn:ietf:rfc:3986|urn:uuid:9");
    EXPECT_EQ(condition("Binary"), "");
}

// A Provenance has no identifier: where the server says that it finds by a tag, it is created by
// one. The same bytes, sent again, then add nothing. An unknown parameter would refuse the
// whole.
TEST_F(TransactionTest, WhatHasNoIdentifierIsCreatedOnceByItsTag) {
    found_by_tag = {"Binary", "Provenance", "Observation"};
    const fhir::Json transaction = made();
    std::set<std::string> conditions;
    for (const fhir::JsonView entry : transaction["entry"].items()) {
        const std::string condition(entry.at("request", "ifNoneExist").string());
        EXPECT_TRUE(condition.empty() || conditions.insert(condition).second) << condition;
        const std::string_view type = entry.at("resource", "resourceType").string();
        if (type == "Binary") continue;
        EXPECT_EQ(condition.starts_with("_tag="), type == "Provenance") << type;
        if (type != "Provenance") continue;
        const fhir::JsonView tag = entry.at("resource", "meta", "tag").items()[0];
        EXPECT_EQ(condition, "_tag=urn:consultd:entry|" + std::string(tag["code"].string()));
    }
    EXPECT_GT(conditions.size(), 5u);
}

TEST_F(TransactionTest, WhereIdsMayBeOursEntriesArePut) {
    update_create = true;
    const fhir::Json transaction = made();
    const fhir::Json observation = entries(transaction, "Observation").at(0);
    EXPECT_EQ(observation.at("request", "method").string(), "PUT");
    EXPECT_EQ(observation.at("request", "url").string(),
              "Observation/" + std::string(observation.at("resource", "id").string()));
    EXPECT_EQ(entries(transaction, "Patient").at(0).at("request", "method").string(), "PUT");
    EXPECT_EQ(entries(transaction, "Task").at(0).at("request", "method").string(), "POST");
}

// A number that is the same there proves nothing, and least of all once somebody decided so.
TEST_F(TransactionTest, CreatedPatientIsNotTakenForSomebodyByNumber) {
    const auto condition = [&] {
        return std::string(entries(made(), "Patient").at(0).at("request", "ifNoneExist").string());
    };
    EXPECT_TRUE(condition().starts_with("identifier=urn:consultd:entry|")) << condition();
    // Two transfers at once make one chart of one patient of ours.
    new_chart = DeliveryInput::NewChart::OneAPatient;
    EXPECT_EQ(condition(), "identifier=urn:consultd:patient|" + patient_urn);
    const fhir::Json patient = resource(made(), "Patient");
    EXPECT_NE(patient.print().find("\"" + patient_urn + "\""), std::string::npos);
}

TEST_F(TransactionTest, ExactBytesOfThePacketGoAlong) {
    const fhir::Json transaction = made();
    const fhir::Json document = entries(transaction, "DocumentReference").at(1).get("resource");
    const fhir::Json binary = entries(transaction, "Binary").at(1);
    const fhir::JsonView attachment = document["content"].items()[0]["attachment"];
    EXPECT_EQ(attachment["url"].string(), binary["fullUrl"].string());
    EXPECT_EQ(attachment["hash"].string(), crypto::base64(crypto::sha1(packet.bundle_text)));
    EXPECT_EQ(attachment["size"].integer(), static_cast<std::int64_t>(packet.bundle_text.size()));
    EXPECT_EQ(crypto::from_base64(binary.at("resource", "data").string()), packet.bundle_text);
    const fhir::Json carried = entries(transaction, "DocumentReference").at(0).get("resource");
    EXPECT_EQ(carried["content"].items()[0].at("attachment", "url").string(),
              entries(transaction, "Binary").at(0)["fullUrl"].string());
}

TEST_F(TransactionTest, OrderAsksForASecondOpinionWithTheQuestion) {
    const fhir::Json transaction = made();
    const fhir::Json order = resource(transaction, "ServiceRequest");
    EXPECT_EQ(order["code"]["coding"].items()[0]["code"].string(), "77406008");
    EXPECT_EQ(order["reasonCode"].items()[0]["text"].string(), "Is a second line right?");
    EXPECT_EQ(order["performer"].items()[0].at("identifier", "value").string(), "1234567893");
    const fhir::Json task = resource(transaction, "Task");
    EXPECT_EQ(task["status"].string(), "requested");
    EXPECT_EQ(task.at("focus", "reference").string(),
              entries(transaction, "ServiceRequest").at(0)["fullUrl"].string());
    EXPECT_EQ(task["input"].size(), 2u);
}

// An exception in the Consent would name what is withheld.
TEST_F(TransactionTest, ConsentCopySaysNothingOfWhatIsWithheld) {
    const std::string text = make().value();
    EXPECT_EQ(text.find("WITHHELD-MARK"), std::string::npos);
    const fhir::Json copy = resource(json_of(text), "Consent");
    EXPECT_EQ(copy["meta"]["tag"].items()[0]["code"].string(), "SUBSETTED");
    EXPECT_EQ(copy.at("provision", "type").string(), "permit");
}

TEST_F(TransactionTest, EveryEntryIsValidR4) {
    for (const bool put : {false, true}) {
        update_create = put;
        const fhir::Json transaction = made();
        for (const fhir::JsonView entry : transaction["entry"].items()) {
            if (entry.at("resource", "resourceType").string() == "Bundle") continue;
            for (const fhir::r4::Finding& found :
                 fhir::r4::validate(transaction.share(entry["resource"])))
                EXPECT_NE(found.severity, fhir::r4::Finding::Severity::Error)
                    << found.path << ": " << found.text.view();
        }
    }
}

// So that a part of it can go before the rest: nothing refers to what comes later.
TEST_F(TransactionTest, EntriesFollowThoseThatTheyReferToAndTheTaskIsLast) {
    const fhir::Json transaction = made();
    std::set<std::string> before;
    for (const fhir::JsonView entry : transaction["entry"].items()) {
        std::vector<std::string> references;
        collect(entry["resource"], "reference", references);
        for (const std::string& reference : references)
            EXPECT_TRUE(before.contains(reference)) << reference;
        before.emplace(entry["fullUrl"].string());
    }
    EXPECT_EQ(transaction["entry"].items().back().at("resource", "resourceType").string(), "Task");
}

// A server that lists `_tag` for a Binary refuses a condition on one all the same.
TEST_F(TransactionTest, BinaryCarriesATagAndNoCondition) {
    found_by_tag = {"Binary"};
    for (const fhir::Json& entry : entries(made(), "Binary")) {
        EXPECT_FALSE(entry["request"].has("ifNoneExist"));
        EXPECT_EQ(entry.at("resource", "meta", "tag").items()[0]["system"].string(),
                  "urn:consultd:entry");
    }
}

class SendTest : public TransactionTest {
protected:
    Result<std::vector<EntryAnswer>> send() {
        const fhir::Json transaction = made();
        const Account account = account_of(transaction);
        return send_request(server.client(), next_request(transaction, account).value(), account,
                            server.call());
    }
    // An answer with this status for the entries from `first` on, 201 for those before.
    void answer_from(std::size_t first, const std::string& response) {
        const std::size_t count = made()["entry"].size();
        std::vector<fhir::Json> answers(count, json_of(R"({"response":{"status":"201 Created"}})"));
        for (std::size_t i = first; i < count; ++i) answers[i] = json_of(response);
        server.instead_of_transaction_response =
            json_answer(200, fhir::Json::object({{"resourceType", "Bundle"},
                                                 {"type", "transaction-response"},
                                                 {"entry", fhir::Json::array(answers)}})
                                 .print());
    }
    ReadBack there() { return read_back(server.client(), transfer_id, server.call()).value(); }
    FakeFhirServer server;
};

TEST_F(SendTest, DeliveredOnceAndFoundByItsTask) {
    server.offer("Task", {"identifier"});
    EXPECT_FALSE(there().found);
    EXPECT_TRUE(send().ok());
    const ReadBack found = there();
    EXPECT_TRUE(found.found);
    EXPECT_EQ(found.status, "requested");
    EXPECT_EQ(found.copies, 1u);
    EXPECT_TRUE(found.task.starts_with("Task/"));
}

// The receiver stored the bundle, but its answer never reached us: nothing is sent blindly, the
// read-back finds it, and sending the same bytes again would add no patient, order or Task.
TEST_F(SendTest, LostAnswerIsUncertainAndTheReadBackFindsOneCopy) {
    server.instead_of_transaction_response =
        Error(ErrorKind::Uncertain, "connection was lost after the request");
    EXPECT_EQ(send().error().kind(), ErrorKind::Uncertain);
    EXPECT_EQ(there().copies, 1u);
    server.instead_of_transaction_response.reset();
    EXPECT_TRUE(send().ok());
    for (const char* type : {"Patient", "Observation", "ServiceRequest", "Task", "Bundle"})
        EXPECT_EQ(server.count_of(type), 1u) << type;
}

TEST_F(SendTest, AnswerThatDoesNotAccountForEveryEntryIsUncertain) {
    const char* one = R"({"resourceType":"Bundle","type":"transaction-response",
                          "entry":[{"response":{"status":"201 Created"}}]})";
    for (const char* body :
         {one, R"({"resourceType":"Bundle","type":"searchset"})", "not JSON", ""}) {
        server.instead_of_transaction_response = json_answer(200, body);
        EXPECT_EQ(send().error().kind(), ErrorKind::Uncertain) << body;
    }
}

// A server that takes a transaction entry by entry.
TEST_F(SendTest, EntryThatWasRefusedInsideASuccessIsNamed) {
    answer_from(made()["entry"].size() - 1,
                R"({"response":{"status":"422 Unprocessable","outcome":{"resourceType":
                    "OperationOutcome","issue":[{"severity":"error","code":"invariant",
                    "diagnostics":"SECRET"}]}}})");
    const auto answers = send();
    ASSERT_TRUE(answers.ok());
    ASSERT_EQ(answers->size(), made()["entry"].size());
    EXPECT_EQ(answers->front().status, 201);
    EXPECT_EQ(answers->back().status, 422);
    EXPECT_EQ(answers->back().issue, "invariant");
    EXPECT_EQ(answers->back().location, "");
}

// An entry that is told of without a status is not taken.
TEST_F(SendTest, AnswerWithoutAStatusIsNoSuccess) {
    answer_from(0, R"({"response":{}})");
    EXPECT_EQ(send()->front().status, 500);
}

TEST_F(SendTest, EachAnswerSaysWhereItsEntryLies) {
    const fhir::Json transaction = made();
    const auto answers = send();
    ASSERT_TRUE(answers.ok());
    for (std::size_t i = 0; i < answers->size(); ++i) {
        const std::string type(
            transaction["entry"].items()[i].at("resource", "resourceType").string());
        EXPECT_TRUE((*answers)[i].location.starts_with(type + "/")) << (*answers)[i].location;
        EXPECT_TRUE(server.resources().contains((*answers)[i].location));
    }
}

TEST_F(SendTest, RefusalIsNotUncertain) {
    for (const auto& [status, kind] :
         {std::pair(422, ErrorKind::Malformed), std::pair(403, ErrorKind::Forbidden),
          std::pair(412, ErrorKind::Conflict)}) {
        server.fail("/fhir", status, 1);
        EXPECT_EQ(send().error().kind(), kind) << status;
        EXPECT_EQ(server.count_of("Task"), 0u);
    }
}

// HAPI-2745: of equal transactions at the same moment some get 409, and one of them is stored.
TEST_F(SendTest, LostRaceIsUncertain) {
    server.fail("/fhir", 409, 1);
    EXPECT_EQ(send().error().kind(), ErrorKind::Uncertain);
}

TEST_F(SendTest, OnlyTasksThatCarryOurIdentifierCount) {
    server.plant("Task", R"({"resourceType":"Task","id":"x","status":"completed"})");
    server.plant("Task", R"({"resourceType":"Task","id":"y","status":"completed",
        "identifier":[{"system":"urn:other","value":")" +
                             transfer_id + R"("}]})");
    EXPECT_FALSE(there().found);
    EXPECT_TRUE(send().ok());
    server.plant("Task", R"({"resourceType":"Task","id":"z","status":"requested",
        "identifier":[{"system":"urn:consultd:transfer","value":")" +
                             transfer_id + R"("}]})");
    EXPECT_EQ(there().copies, 2u);
}

}  // namespace
}  // namespace consultd
