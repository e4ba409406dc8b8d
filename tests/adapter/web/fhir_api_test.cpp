#include "adapter/web/fhir_api.h"

#include <gmock/gmock.h>

#include "api_fixture.h"
#include "fhir/r4/validate.h"

namespace consultd::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class FhirApiTest : public ApiTest {
protected:
    void expect_outcome(const ServerResponse& response, int status) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(json(response)["resourceType"].string(), "OperationOutcome");
        EXPECT_THAT(response.body, Not(HasSubstr("SECRET")));
        EXPECT_THAT(response.body, Not(HasSubstr("anna")));
    }
    void expect_valid(const fhir::Json& resource) {
        for (const fhir::r4::Finding& found : fhir::r4::validate(resource))
            EXPECT_NE(found.severity, fhir::r4::Finding::Severity::Error)
                << found.path << ": " << found.text.view();
    }
    // The query of the link; empty where there is none.
    std::string link(const fhir::Json& bundle, std::string_view relation) {
        const std::string tasks = "https://consult.example.org/fhir/Task?";
        for (const fhir::JsonView one : bundle["link"].items())
            if (one["relation"].string() == relation) {
                EXPECT_TRUE(one["url"].string().starts_with(tasks));
                return std::string(one["url"].string().substr(tasks.size()));
            }
        return {};
    }
    std::vector<std::string> found(const std::string& query) {
        std::vector<std::string> ids;
        const fhir::Json bundle = json(ask("GET", "/fhir/Task", query));
        EXPECT_EQ(bundle["type"].string(), "searchset");
        for (const fhir::JsonView entry : bundle["entry"].items())
            ids.emplace_back(entry.at("resource", "id").string());
        return ids;
    }
};

// ---- create

TEST_F(FhirApiTest, CapabilityStatementIsValid) {
    const ServerResponse response = ask("GET", "/fhir/metadata", "", "", "");
    EXPECT_EQ(response.status, 200);
    expect_valid(json(response));
}

TEST_F(FhirApiTest, CreatedTaskIsATransfer) {
    const ServerResponse response = ask("POST", "/fhir/Task", "", task());
    EXPECT_EQ(response.status, 201);
    const fhir::Json created = json(response);
    const std::string id(created["id"].string());
    EXPECT_EQ(header(response, "Location"), "https://consult.example.org/fhir/Task/" + id);
    EXPECT_EQ(created["status"].string(), "requested");
    EXPECT_EQ(created["businessStatus"]["coding"].items()[0]["code"].string(), "requested");
    EXPECT_EQ(created.at("for", "reference").string(), "https://ehr.example/fhir/Patient/anna");
    expect_valid(created);
    const Transfer transfer = store->find(id).value().value();
    EXPECT_EQ(transfer.state, TransferState::Requested);
    EXPECT_EQ(load_order(PartReader(*store, sealer, transfer.id), transfer)->question,
              "SECRET-QUESTION");
    EXPECT_EQ(ask("GET", "/fhir/Task/" + id).body, response.body);
}

TEST_F(FhirApiTest, BadRequestsAreRefusedWithoutQuotingThem) {
    const std::string good = task();
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        EXPECT_NE(text.find(from), std::string::npos) << from;
        return text.replace(text.find(from), from.size(), to);
    };
    for (const std::string& bad :
         {std::string(),
          std::string("SECRET"),
          good.substr(0, good.size() / 2),
          std::string(R"({"resourceType":"Patient","name":[{"family":"SECRET"}]})"),
          with("\"order\"", "\"SECRET\""),
          with("\"fulfill\"", "\"SECRET\""),
          with("\"general\"", "\"SECRET\""),
          with("\"center\"", "\"SECRET\""),
          with("Patient/anna", "Patient/SECRET id"),
          with("\"#k\"", "\"#SECRET\""),
          with("\"#k\"", "\"Consent/SECRET\""),
          with("\"Consent\"", "\"Basic\""),
          with("\"intent\"", "\"modifierExtension\":[{\"url\":\"SECRET\"}],\"intent\""),
          with("\"intent\"", "\"restriction\":{\"repetitions\":1},\"intent\""),
          with("\"intent\"", "\"implicitRules\":\"urn:SECRET\",\"intent\""),
          with("\"valueString\"", "\"modifierExtension\":[{\"url\":\"SECRET\"}],\"valueString\""),
          with("\"contained\":[", "\"contained\":[{\"resourceType\":\"Basic\",\"id\":\"k\"},"),
          task(R"({"display":"SECRET"})"),
          task(R"({"reference":"Group/SECRET"})"),
          with("{\"resourceType\"", "{\"resourceType\":\"Task\",\"resourceType\"")})
        expect_outcome(ask("POST", "/fhir/Task", "", bad), 400);
    expect_outcome(ask("POST", "/fhir/Task", "", with("SECRET-QUESTION", std::string(10'001, 'x'))),
                   413);
    EXPECT_THAT(found(""), IsEmpty());
}

// Somebody meant something by it: it is named, and nothing is done by halves.
TEST_F(FhirApiTest, InputThatIsNotUnderstoodIsNamedAndRefused) {
    const auto refused = [this](const std::string& from, const std::string& to) {
        std::string text = task();
        EXPECT_NE(text.find(from), std::string::npos) << from;
        const ServerResponse response =
            ask("POST", "/fhir/Task", "", text.replace(text.find(from), from.size(), to));
        expect_outcome(response, 400);
        const fhir::Json body = json(response);
        return std::string(body["issue"].items()[0]["expression"].items()[0].string());
    };
    EXPECT_EQ(refused(R"("valueString":"center")", R"("valueCode":"center")"), "Task.input[1]");
    EXPECT_EQ(refused(R"("valueString":"center")", R"("valueString":"")"), "Task.input[1]");
    EXPECT_EQ(refused(R"("valueString":"center")", R"("valueString":"center","valueInteger":1)"),
              "Task.input[1]");
    EXPECT_EQ(refused(R"("code":"question")", R"("code":"destination")"), "Task.input[2]");
    EXPECT_EQ(refused(R"("code":"question")", R"("code":"colour")"), "Task.input[2]");
    EXPECT_EQ(
        refused(R"("urn:consultd:transfer","code":"question")", R"("urn:other","code":"question")"),
        "Task.input[2]");
    EXPECT_EQ(refused(R"("status":"requested")", R"("status":"completed")"), "Task.status");
    EXPECT_EQ(refused(R"([{"code":"fulfill"}])", R"([{"system":"urn:x","code":"fulfill"}])"),
              "Task.code");
    EXPECT_EQ(refused(R"("input":[)", R"("input":{"x":1},"other":[)"), "Task");
    EXPECT_THAT(found(""), IsEmpty());
}

// "The same patient" by whatever the order and its consent call them.
TEST_F(FhirApiTest, OrderWhoseConsentIsAnothersIsRefused) {
    const auto status = [this](const std::string& patient, const std::string& in_consent) {
        std::string text = task(patient);
        const std::string consent = R"("id":"k",)";
        text.insert(text.find(consent), R"("patient":)" + in_consent + ",");
        return ask("POST", "/fhir/Task", "", text).status;
    };
    const std::string anna = R"({"reference":"Patient/anna"})";
    const std::string by_number = R"({"identifier":{"system":"urn:mrn","value":"1"}})";
    EXPECT_EQ(status(anna, R"({"reference":"Patient/berta"})"), 422);
    EXPECT_EQ(status(anna, R"({"reference":"https://ehr.example/fhir/Patient/berta"})"), 422);
    EXPECT_EQ(status(by_number, R"({"identifier":{"system":"urn:mrn","value":"2"}})"), 422);
    EXPECT_THAT(found(""), IsEmpty());
    EXPECT_EQ(status(anna, anna), 201);
    EXPECT_EQ(status(anna, R"({"reference":"https://ehr.example/fhir/Patient/anna"})"), 201);
    EXPECT_EQ(status(by_number, by_number), 201);
    // Only the source can tell whether these are two.
    EXPECT_EQ(status(by_number, R"({"identifier":{"system":"urn:card","value":"2"}})"), 201);
}

TEST_F(FhirApiTest, SpecialtyThatIsNotKnownIsRefusedWithThoseThatAre) {
    FhirApi narrow({.config = config,
                    .store = *store,
                    .sealer = sealer,
                    .clock = clock,
                    .random = random,
                    .knows_specialty = [](std::string_view word) { return word == "oncology"; },
                    .specialties = "general, oncology"});
    const auto answered = [&](const std::string& word) {
        std::string text = task();
        text.insert(text.find(R"("input":[)") + 9, input("specialty", word) + ",");
        ServerRequest request{.method = "POST", .path = "/fhir/Task", .body = text};
        request.headers = {{"Content-Type", "application/fhir+json"}};
        return narrow.create_task({request, "", Caller{.who = Actor::operator_named("x")}});
    };
    const ServerResponse refused = answered("SECRET-astrology");
    expect_outcome(refused, 400);
    EXPECT_THAT(refused.body, HasSubstr("general, oncology"));
    EXPECT_EQ(answered("oncology").status, 201);
}

TEST_F(FhirApiTest, TypeOfTheBodyIsReadAsHttpHasIt) {
    ServerRequest request{.method = "POST", .path = "/fhir/Task", .body = task()};
    for (const auto& [type, status] : {std::pair{"Application/FHIR+JSON; charset=utf-8", 201},
                                       {"application/json", 201},
                                       {"application/json-patch+json", 415},
                                       {"application/fhir+json; fhirVersion=4.0", 201},
                                       {"application/fhir+json;fhirVersion=3.0", 415},
                                       {"application/fhir+jsonx", 415}}) {
        request.headers = {{"Authorization", "Bearer " + token}, {"Content-Type", type}};
        request.body = task();
        EXPECT_EQ(api->handle(request).status, status) << type;
    }
}

TEST_F(FhirApiTest, AnswerThatTheClientCannotReadIsRefusedBeforeAnythingIsDone) {
    ServerRequest request{.method = "POST", .path = "/fhir/Task", .body = task()};
    for (const auto& [accept, format, status] :
         std::initializer_list<std::tuple<const char*, const char*, int>>{
             {"application/fhir+xml", "", 406},
             {"text/html, application/fhir+xml;q=0.9", "", 406},
             {"application/fhir+json;q=0", "", 406},
             {"application/fhir+json; fhirVersion=3.0", "", 406},
             {"application/fhir+json", "_format=xml", 406},
             {"", "_pretty=true&_format=application/fhir%2Bxml", 406},
             {"", "_format=", 406},
             {"application/fhir+xml, Application/JSON;q=0.5", "", 201},
             {"text/html, */*;q=0.8", "", 201},
             {"application/fhir+json; fhirVersion=4.0", "", 201},
             {" ", "", 201},
             {"application/fhir+xml", "_format=application/fhir+json", 201},
             {"", "_format=application%2ffhir%2bjson", 201},
             {"", "_format=json", 201}}) {
        const std::size_t before = store->list({}).value().size();
        request.query = format;
        request.body = task();
        request.headers = {{"Authorization", "Bearer " + token},
                           {"Content-Type", "application/fhir+json"},
                           {"Accept", accept}};
        const ServerResponse response = api->handle(request);
        EXPECT_EQ(response.status, status) << accept << " " << format;
        EXPECT_EQ(store->list({}).value().size() - before, status == 201 ? 1U : 0U);
        if (status == 406) expect_outcome(response, 406);
    }
    EXPECT_EQ(ask("GET", "/fhir/Task", "_format=application/fhir+json").status, 200);
    request.query.clear();
    request.body = task();
    request.headers.emplace_back("accept", "application/json");
    request.headers[2] = {"Accept", "application/fhir+xml"};
    EXPECT_EQ(api->handle(request).status, 201) << "two lines are one list";
    EXPECT_EQ(ask("GET", "/fhir/metadata", "_format=xml").status, 406);
    EXPECT_EQ(ask("GET", "/fhir/metadata", "_format=json").status, 200);
}

TEST_F(FhirApiTest, BodyOfAnotherTypeIsRefused) {
    ServerRequest request{.method = "POST", .path = "/fhir/Task", .body = task()};
    request.headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "text/plain"}};
    expect_outcome(api->handle(request), 415);
    request.headers.pop_back();
    expect_outcome(api->handle(request), 415);
}

// The same id at another server is another patient.
TEST_F(FhirApiTest, PatientMustBeOneAtTheSource) {
    const auto status = [this](const std::string& reference) {
        return ask("POST", "/fhir/Task", "", task(R"({"reference":")" + reference + "\"}")).status;
    };
    EXPECT_EQ(status("https://ehr.example/fhir/Patient/anna"), 201);
    EXPECT_EQ(status("https://other.example/fhir/Patient/anna"), 400);
    EXPECT_EQ(status("https://ehr.example/other/Patient/anna"), 400);
    EXPECT_EQ(status("https://ehr.example.evil/fhir/Patient/anna"), 400);
}

// ---- read, search, cancel

TEST_F(FhirApiTest, WhatIsNotThereIsNotFound) {
    expect_outcome(ask("GET", "/fhir/Task/0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b"), 404);
    expect_outcome(ask("GET", "/fhir/Patient/anna"), 404);
    expect_outcome(ask("POST", "/fhir/Task/none/$cancel"), 404);
    expect_outcome(ask("GET", "/fhir/Task/' OR 1=1 --"), 404);
}

TEST_F(FhirApiTest, TasksAreFoundByPatientAndStatus) {
    const std::string first = create();
    clock.advance(std::chrono::seconds(1));
    const std::string other =
        json(ask("POST", "/fhir/Task", "", task(R"({"reference":"Patient/berta"})")))["id"].print();
    EXPECT_EQ(found("").size(), 2u);
    EXPECT_THAT(found("patient=anna"), ElementsAre(first));
    EXPECT_THAT(found("patient=Patient/anna"), ElementsAre(first));
    EXPECT_THAT(found("patient=Patient%2Fanna"), ElementsAre(first));
    EXPECT_THAT(found("patient=https%3A%2F%2Fehr.example%2Ffhir%2FPatient%2Fanna"),
                ElementsAre(first));
    EXPECT_THAT(found("patient=carla"), IsEmpty());
    expect_outcome(ask("GET", "/fhir/Task", "patient=carla&patient=anna"), 400);
    EXPECT_THAT(found("patient=anna&status=requested"), ElementsAre(first));
    EXPECT_THAT(found("status=completed"), IsEmpty());
    EXPECT_THAT(found("status=draft"), IsEmpty());
    EXPECT_EQ(found("_count=1").size(), 1u);
    EXPECT_EQ(found("_count=99999999999999999999").size(), 2u);
    EXPECT_EQ(found("status=completed,requested").size(), 2u);
    for (const char* bad :
         {"_count=x", "_count=-1", "_count=", "_count=1%00", "status=%zz", "status=%E8",
          "status=a%0Ab", "status=no-such", "status=", "status=completed,", "status=held",
          "colour=red", "_sort=status", "patient:identifier=x", "status:not=requested"})
        expect_outcome(ask("GET", "/fhir/Task", bad), 400);
}

TEST_F(FhirApiTest, CountOfZeroTellsHowMany) {
    for (int i = 0; i < 3; ++i) create();
    const fhir::Json bundle = json(ask("GET", "/fhir/Task", "_count=0&patient=anna"));
    EXPECT_EQ(bundle["total"].integer(), 3);
    EXPECT_FALSE(bundle.has("entry"));
    expect_valid(bundle);
}

// What is created while somebody reads comes at the end; nothing is skipped or shown twice.
TEST_F(FhirApiTest, PagesHoldEachTaskOnceInTheOrderOfTheirCreation) {
    std::vector<std::string> created;
    for (int i = 0; i < 5; ++i) created.push_back(create());
    ask("POST", "/fhir/Task", "", task(R"({"reference":"Patient/berta"})"));
    std::vector<std::string> read;
    std::string query = "patient=Patient/anna&status=requested&_count=2";
    while (!query.empty()) {
        const fhir::Json bundle = json(ask("GET", "/fhir/Task", query));
        expect_valid(bundle);
        EXPECT_LE(bundle["entry"].items().size(), 2u);
        for (const fhir::JsonView entry : bundle["entry"].items())
            read.emplace_back(entry.at("resource", "id").string());
        if (read.size() == 2) created.push_back(create());
        query = link(bundle, "next");
    }
    EXPECT_EQ(read, created);
}

// A link is kept by whoever logs URLs.
TEST_F(FhirApiTest, LinksNameNoPatientAndLeadToTheSamePageForEver) {
    for (int i = 0; i < 3; ++i) create();
    const fhir::Json bundle = json(ask("GET", "/fhir/Task", "patient=anna&_count=1"));
    for (const char* relation : {"self", "next"}) {
        const std::string query = link(bundle, relation);
        EXPECT_TRUE(query.starts_with("_page=")) << query;
        EXPECT_EQ(query.find("anna"), std::string::npos);
        const std::string tampered = query.substr(0, query.size() - 3) + "AAA";
        expect_outcome(ask("GET", "/fhir/Task", tampered), 400);
    }
    const std::vector<std::string> second = found(link(bundle, "next"));
    clock.advance(std::chrono::hours(1000));
    EXPECT_EQ(found(link(bundle, "next")), second);
    EXPECT_EQ(found(link(bundle, "self")).at(0),
              bundle["entry"].items()[0].at("resource", "id").string());
    expect_outcome(ask("GET", "/fhir/Task", "_page=AAAA"), 400);
}

TEST_F(FhirApiTest, CancelledInAnyStateAndToldTrulyWhatThatMeans) {
    const std::string id = create();
    const ServerResponse done = ask("POST", "/fhir/Task/" + id + "/$cancel");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(json(done)["status"].string(), "cancelled");
    EXPECT_EQ(ask("POST", "/fhir/Task/" + id + "/$cancel").status, 200);
    const std::string sending = create();
    Transfer transfer = store->find(sending).value().value();
    const Lease lease =
        store->claim(sending, clock.now(), std::chrono::minutes(2), "one").value().value();
    for (const TransferState next :
         {TransferState::Pulling, TransferState::Prepared, TransferState::Sending}) {
        transfer.state = next;
        ASSERT_TRUE(store->save(lease, transfer, {}).ok());
    }
    transfer.sent = clock.now();
    ASSERT_TRUE(store->save(lease, transfer, {}).ok());
    const auto expect_on_record = [&] {
        const ServerResponse taken = ask("POST", "/fhir/Task/" + sending + "/$cancel");
        EXPECT_EQ(taken.status, 200) << taken.body;
        EXPECT_EQ(json(taken)["status"].string(), "in-progress") << "not yet cancelled";
        EXPECT_THAT(std::string(json(taken).at("statusReason", "text").string()),
                    HasSubstr("have left or may have left"));
    };
    expect_on_record();
    ASSERT_TRUE(store->release(lease).ok());
    expect_on_record();
    EXPECT_EQ(store->find(sending).value()->withdrawal_asked, clock.now()) << "it is on record";
}

// Nobody is told to try again: what was begun ends, and nothing leaves.
TEST_F(FhirApiTest, CancelledWhileAStepRunsIsOnRecordAndSaidSo) {
    const std::string id = create();
    const Lease lease =
        store->claim(id, clock.now(), std::chrono::minutes(2), "one").value().value();
    Transfer pulling = lease.transfer;
    pulling.state = TransferState::Pulling;
    ASSERT_TRUE(store->save(lease, pulling, {}).ok());
    const ServerResponse done = ask("POST", "/fhir/Task/" + id + "/$cancel");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(json(done)["status"].string(), "in-progress");
    EXPECT_THAT(std::string(json(done).at("statusReason", "text").string()),
                HasSubstr("nothing leaves"));
    pulling.state = TransferState::Prepared;
    EXPECT_EQ(store->save(lease, pulling, {}).error().number("withdrawal"), 1);
}

TEST_F(FhirApiTest, ForgottenPatientIsNotNamed) {
    const std::string id = create();
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    ASSERT_TRUE(store->forget(clock.now() + Milliseconds(1), {Part::Request, Part::Consent}).ok());
    const ServerResponse response = ask("GET", "/fhir/Task/" + id);
    EXPECT_EQ(response.status, 200);
    EXPECT_FALSE(json(response).has("for"));
    EXPECT_THAT(response.body, Not(HasSubstr("anna")));
}

}  // namespace
}  // namespace consultd::web
