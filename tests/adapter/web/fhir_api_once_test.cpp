// An order is placed once, whoever says it how often; and nobody gets into another's.
#include <gmock/gmock.h>

#include <thread>

#include "adapter/audit/event_reader.h"
#include "adapter/web/fhir_api.h"
#include "adapter/web/if_none_exist.h"
#include "api_fixture.h"
#include "fhir/r4/validate.h"

namespace consultd::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FhirApiOnceTest : public ApiTest {
protected:
    ServerResponse post(const std::string& body, const std::string& if_none_exist = "",
                        const std::string& with_token = token) {
        Headers headers;
        if (!if_none_exist.empty()) headers.emplace_back("If-None-Exist", if_none_exist);
        return ask("POST", "/fhir/Task", "", body, with_token, headers);
    }
    static std::string changed(std::string text, const std::string& from, const std::string& to) {
        EXPECT_NE(text.find(from), std::string::npos) << from;
        return text.replace(text.find(from), from.size(), to);
    }
    std::size_t transfers() { return store->list({}).value().size(); }
    // An operator beside the one of the fixture, who may order and see their own alone.
    std::string other_operator(const std::string& name = "ward") {
        const std::string other = name + "-token-of-128-random-bits";
        config.listen.operators.push_back(
            {.name = name,
             .token_hash_file = hash_file(name + ".hash", crypto::hex(crypto::sha256(other))),
             .roles = {config::Role::Transfers}});
        operators.emplace(Operators::read(config.listen).value());
        return other;
    }
};

TEST_F(FhirApiOnceTest, SameOrderAgainIsTheSameTransfer) {
    const ServerResponse first = post(task_named("A-1"));
    ASSERT_EQ(first.status, 201);
    const ServerResponse again = post(task_named("A-1"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    EXPECT_EQ(transfers(), 1u);
}

// What means the same is the same order, however it is written.
TEST_F(FhirApiOnceTest, SameContentInOtherWordsOfJsonIsTheSameOrder) {
    const std::string order = task_named("A-1");
    ASSERT_EQ(post(order).status, 201);
    EXPECT_EQ(post(fhir::Json::parse(order)->print_pretty()).status, 200);
    EXPECT_EQ(post(changed(order, "Patient/anna", "https://ehr.example/fhir/Patient/anna")).status,
              200);
    const std::string renamed =
        changed(order, R"("id":"k","status":"active")", R"("status":"active","id":"x")");
    EXPECT_EQ(post(changed(renamed, "#k", "#x")).status, 200);
    EXPECT_EQ(transfers(), 1u);
}

TEST_F(FhirApiOnceTest, IdentifierOfAnotherOrderIsAConflict) {
    const std::string order = task_named("A-1");
    ASSERT_EQ(post(order).status, 201);
    for (const auto& [from, to] : {std::pair{"SECRET-QUESTION", "SECRET-OTHER"},
                                   {"Patient/anna", "Patient/berta"},
                                   {R"("active")", R"("inactive")"}}) {
        const ServerResponse refused = post(changed(order, from, to));
        EXPECT_EQ(refused.status, 409) << to;
        EXPECT_EQ(json(refused)["issue"].items()[0]["code"].string(), "duplicate");
        EXPECT_THAT(refused.body, Not(HasSubstr("SECRET")));
    }
    ASSERT_EQ(post(task_named("A-2", R"({"reference":"Patient/berta"})")).status, 201);
    const std::string two = changed(order, R"("value":"A-1"})",
                                    R"("value":"A-1"},{"system":"urn:ours","value":"A-2"})");
    EXPECT_EQ(post(two).status, 409) << "one order cannot be two";
    EXPECT_EQ(transfers(), 2u);
}

TEST_F(FhirApiOnceTest, IfNoneExistNamesTheOrderAsItsIdentifierDoes) {
    const std::string order = task_named("");
    const ServerResponse first = post(order, "identifier=urn:ours|A-1");
    ASSERT_EQ(first.status, 201);
    for (const char* same :
         {"identifier=urn:ours|A-1", "identifier=urn%3Aours%7CA-1", "?identifier=urn:ours|A-1",
          "https://consult.example.org/fhir/Task?identifier=urn:ours%7CA-1"}) {
        const ServerResponse again = post(order, same);
        EXPECT_EQ(again.status, 200) << same;
        EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    }
    EXPECT_EQ(post(task_named("A-1")).status, 200) << "as Task.identifier";
    EXPECT_EQ(post(changed(order, "anna", "berta"), "identifier=urn:ours|A-1").status, 409);
    EXPECT_EQ(transfers(), 1u);
}

// A condition that is not understood is not one that holds.
TEST_F(FhirApiOnceTest, OtherConditionsAreRefused) {
    for (const char* bad :
         {"identifier=A-1", "identifier=urn:ours|", "identifier=urn:ours|a,urn:ours|b", "_id=1",
          "identifier=urn:ours|a&status=requested", "status=requested", "identifier:not=a|b", "%"})
        EXPECT_EQ(post(task_named(""), bad).status, 400) << bad;
    EXPECT_EQ(transfers(), 0u);
    const OrderIdentifier read = read_if_none_exist("identifier=urn:x\\|y|a\\,b").value();
    EXPECT_EQ(read.system, "urn:x|y");
    EXPECT_EQ(read.value, "a,b");
}

// https://hl7.org/fhir/R4/http.html#ccreate: whoever lost the answer says it again, at once.
TEST_F(FhirApiOnceTest, TenAtOnceAreOneTransfer) {
    for (const char* name : {"", "A-1"}) {
        std::vector<int> statuses(10);
        {
            std::vector<std::jthread> askers;
            for (int& status : statuses)
                askers.emplace_back([&, name] { status = post(task_named(name)).status; });
        }
        EXPECT_EQ(std::ranges::count(statuses, 201), 1) << name;
        EXPECT_EQ(std::ranges::count(statuses, *name == 0 ? 409 : 200), 9) << name;
    }
    EXPECT_EQ(transfers(), 2u) << "one that has a name of its own, and one that has none";
}

// Two clicks are one wish; who means another one gives it another name.
TEST_F(FhirApiOnceTest, SameDisclosureWithinADayWantsANameOfItsOwn) {
    const ServerResponse first = post(task_named(""));
    ASSERT_EQ(first.status, 201);
    const ServerResponse refused = post(task_named(""));
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(header(refused, "Location"), header(first, "Location"));
    EXPECT_THAT(refused.body, HasSubstr("Task.identifier"));
    EXPECT_EQ(post(changed(task_named(""), "QUESTION", "OTHER")).status, 409)
        << "another question is answered from the same record";
    EXPECT_EQ(post(changed(task_named(""), "anna", "berta")).status, 201);
    EXPECT_EQ(post(task_named("A-1")).status, 201);
    const std::string id = header(first, "Location").substr(38);
    ASSERT_EQ(ask("POST", "/fhir/Task/" + id + "/$cancel").status, 200);
    const std::string named(json(post(task_named("A-1")))["id"].string());
    ASSERT_EQ(ask("POST", "/fhir/Task/" + named + "/$cancel").status, 200);
    EXPECT_EQ(post(task_named("")).status, 201) << "what was withdrawn is in nobody's way";
}

// Theirs alone, whatever they know of others'.
TEST_F(FhirApiOnceTest, WhoMaySeeTheirOwnSeesNoOthers) {
    const std::string ward = other_operator();
    const std::string id(json(post(task_named("A-1")))["id"].string());
    for (const auto& [method, path] :
         {std::pair<std::string, std::string>{"GET", "/fhir/Task/" + id},
          {"POST", "/fhir/Task/" + id + "/$cancel"}}) {
        const ServerResponse refused = ask(method, path, "", "", ward);
        EXPECT_EQ(refused.status, 404) << path;
        EXPECT_THAT(refused.body, Not(HasSubstr("anna")));
    }
    EXPECT_EQ(store->find(id).value()->state, TransferState::Requested);
    EXPECT_FALSE(json(ask("GET", "/fhir/Task", "", "", ward)).has("entry"));
    const ServerResponse own = post(task_named("B-1"), "", ward);
    ASSERT_EQ(own.status, 201);
    const std::string theirs(json(own)["id"].string());
    EXPECT_EQ(post(task_named("B-1"), "", ward).status, 200);
    EXPECT_EQ(json(ask("GET", "/fhir/Task", "", "", ward))["entry"].size(), 1u);
    EXPECT_EQ(ask("GET", "/fhir/Task/" + theirs, "", "", ward).status, 200);
    EXPECT_EQ(ask("GET", "/fhir/Task/" + theirs).status, 200) << "who may all sees it too";
    EXPECT_EQ(json(ask("GET", "/fhir/Task"))["entry"].size(), 2u);
    EXPECT_EQ(ask("POST", "/fhir/Task/" + theirs + "/$cancel", "", "", ward).status, 200);
}

// Each has names of their own: nobody's order is lost to another's, and nobody learns of it.
TEST_F(FhirApiOnceTest, IdentifiersAreThoseOfWhoeverOrders) {
    const std::string ward = other_operator();
    ASSERT_EQ(post(task_named("A-1")).status, 201);
    const std::string other = changed(task_named("A-1"), "anna", "berta");
    const ServerResponse own = post(other, "", ward);
    EXPECT_EQ(own.status, 201);
    EXPECT_EQ(post(other, "", ward).status, 200);
    EXPECT_EQ(post(other, "identifier=urn:ours|A-1", ward).status, 200);
    EXPECT_EQ(post(task_named("A-1"), "", ward).status, 409) << "of their own";
    EXPECT_EQ(post(task_named("A-1")).status, 200);
    EXPECT_EQ(transfers(), 2u);
}

// The name was to keep it from being sent twice, whoever carries it there.
TEST_F(FhirApiOnceTest, SameDisclosureByTheSameNameIsNotMadeTwiceByTwoWhoOrder) {
    const std::string ward = other_operator();
    ASSERT_EQ(post(task_named("A-1")).status, 201);
    for (const std::string& again :
         {task_named("A-1"), changed(task_named("A-1"), "SECRET-QUESTION", "SECRET-OTHER")}) {
        const ServerResponse refused = post(again, "", ward);
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(header(refused, "Location"), "") << "it is not theirs to see";
        EXPECT_THAT(refused.body, Not(HasSubstr("SECRET")));
    }
    EXPECT_EQ(transfers(), 1u);
    EXPECT_EQ(post(task_named("A-2"), "", ward).status, 201) << "another copy, by another name";
}

// Whatever others have called so as well.
TEST_F(FhirApiOnceTest, SameDisclosureByTheSameNameIsNotMadeByAThirdWhoOrders) {
    const std::string ward = other_operator(), desk = other_operator("desk");
    const std::string other = changed(task_named("A-1"), "anna", "berta");
    ASSERT_EQ(post(task_named("A-1")).status, 201);
    ASSERT_EQ(post(other, "", ward).status, 201);
    for (const std::string& again : {task_named("A-1"), other})
        EXPECT_EQ(post(again, "", desk).status, 409);
    EXPECT_EQ(transfers(), 2u);
    EXPECT_EQ(post(changed(task_named("A-1"), "anna", "carla"), "", desk).status, 201);
}

// Who may see all orders does not send one of them a second time.
TEST_F(FhirApiOnceTest, WhoMayAllIsToldOfTheOrdersOfOthersByTheirNames) {
    const std::string ward = other_operator();
    const ServerResponse first = post(task_named("B-1"), "", ward);
    ASSERT_EQ(first.status, 201);
    const ServerResponse again = post(task_named("B-1"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    EXPECT_EQ(post(changed(task_named("B-1"), "anna", "berta")).status, 409);
    EXPECT_EQ(transfers(), 1u);
}

// Whoever reads the log sees who ordered, and who withdrew; of an order said twice, once.
TEST_F(FhirApiOnceTest, WhoAskedIsToBeLogged) {
    const std::string ward = other_operator();
    const ServerResponse created = post(task_named("A-1"), "", ward);
    ASSERT_EQ(post(task_named("A-1"), "", ward).status, 200);
    const std::string id(json(created)["id"].string());
    EXPECT_EQ(store->find(id).value()->asked_by, Actor::operator_named("ward"));
    ASSERT_EQ(ask("POST", "/fhir/Task/" + id + "/$cancel").status, 200);
    const std::vector<AskedEntry> asked = store->asked_to_log().value();
    ASSERT_EQ(asked.size(), 2u);
    const std::pair<audit::Act::What, const char*> expected[] = {
        {audit::Act::What::Order, "ward"}, {audit::Act::What::Cancel, "it-desk"}};
    for (std::size_t i = 0; i < 2; ++i) {
        const fhir::Json event = fhir::Json::parse(asked[i].event).value();
        EXPECT_EQ(audit::act_in(event), expected[i].first);
        EXPECT_EQ(audit::requestor_of(event)["value"].string(), expected[i].second);
        EXPECT_EQ(audit::transfer_of(event), id);
        EXPECT_THAT(asked[i].event, Not(HasSubstr("anna")));
        for (const fhir::r4::Finding& found : fhir::r4::validate(event))
            EXPECT_NE(found.severity, fhir::r4::Finding::Severity::Error)
                << found.path << ": " << found.text.view();
    }
}

// The names that orders came with are told to whoever may see the order, and lie nowhere in clear.
TEST_F(FhirApiOnceTest, IdentifierIsToldAndIsNotStoredInClear) {
    const ServerResponse created = post(task_named("SECRET-NAME"));
    ASSERT_EQ(created.status, 201);
    const fhir::Json task = json(created);
    EXPECT_EQ(task["identifier"].items()[1]["value"].string(), "SECRET-NAME");
    store.reset();
    std::ifstream file(folder + "/consultd.db", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_GT(bytes.size(), 4096u);
    EXPECT_THAT(bytes, Not(HasSubstr("SECRET-NAME")));
    store = open_sqlite_store(folder + "/consultd.db", StoreRole::Owner).value();
}

TEST_F(FhirApiOnceTest, IdentifierThatNamesNothingIsRefused) {
    const std::string named = task_named("A-1");
    for (const char* bad :
         {R"({"system":"urn:ours"})", R"({"system":"urn:consultd:transfer","value":"A-1"})"})
        EXPECT_EQ(post(changed(named, R"({"system":"urn:ours","value":"A-1"})", bad)).status, 400)
            << bad;
    EXPECT_EQ(transfers(), 0u);
}

}  // namespace
}  // namespace consultd::web
