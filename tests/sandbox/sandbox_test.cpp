#include "samples/sandbox/sandbox.h"

#include <gmock/gmock.h>

#include <set>

#include "fhir/base/jws.h"
#include "tests/sandbox/fixtures.h"

namespace consultd::sandbox {
namespace {

using fhir::Json;
using fhir::JsonView;
using testing::json;
using testing::SandboxTest;

class RecordTest : public SandboxTest {
protected:
    explicit RecordTest(SandboxOptions options = open_to_all()) : SandboxTest(std::move(options)) {
        put(testing::patient("p1"));
        for (int i = 0; i < 25; ++i)
            put(testing::observation("o" + std::to_string(i), "p1", "lab", "2024-01-10"));
    }
    std::size_t count(const std::string& type) {
        return static_cast<std::size_t>(
            get("/fhir/" + type + "?_count=0")["total"].integer().value_or(-1));
    }
};

TEST_F(RecordTest, EveryMatchIsOnExactlyOnePage) {
    std::set<std::string> ids;
    std::string url = "/fhir/Observation?patient=p1&_count=10";
    int pages = 0;
    for (; !url.empty(); ++pages) {
        const Json page = get(url);
        EXPECT_EQ(page["total"].number(), "25");
        for (const JsonView entry : page["entry"].items())
            EXPECT_TRUE(ids.insert(std::string(entry.at("resource", "id").string())).second);
        url = next_of(page);
    }
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(ids.size(), 25U);
}

TEST_F(RecordTest, ASearchByPostKeepsItsParametersOutOfEveryLink) {
    const auto response = send("POST", "/fhir/Observation/_search", "patient=p1&_count=10",
                               {{"Content-Type", "application/x-www-form-urlencoded"}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(json(response.body)["entry"].size(), 10U);
    const std::string links = json(response.body)["link"].print();
    EXPECT_EQ(links.find("patient"), std::string::npos);
}

TEST_F(RecordTest, EverythingHoldsThePatientAndWhatPointsToIt) {
    const Json bundle = get("/fhir/Patient/p1/$everything?_count=100");
    EXPECT_EQ(bundle["entry"].size(), 26U);
}

TEST_F(RecordTest, AnUpdateOfAnOldVersionIsRefused) {
    const std::string changed = testing::patient("p1").with("active", Json(true)).print();
    EXPECT_EQ(send("PUT", "/fhir/Patient/p1", changed, {{"If-Match", "W/\"9\""}}).status, 412);
    const auto updated = send("PUT", "/fhir/Patient/p1", changed, {{"If-Match", "W/\"1\""}});
    EXPECT_EQ(updated.status, 200);
    EXPECT_EQ(header(updated, "ETag"), "W/\"2\"");
    EXPECT_TRUE(get("/fhir/Patient/p1")["active"].is_true());
}

TEST_F(RecordTest, ADeletedResourceIsGoneAndAnUnknownOneNotFound) {
    EXPECT_EQ(send("DELETE", "/fhir/Observation/o1").status, 204);
    EXPECT_EQ(send("GET", "/fhir/Observation/o1").status, 410);
    EXPECT_EQ(send("GET", "/fhir/Observation/none").status, 404);
    EXPECT_EQ(send("GET", "/fhir/Basket/1").status, 404);
    EXPECT_EQ(count("Observation"), 24U);
}

TEST_F(RecordTest, AConditionalCreateStoresOnce) {
    const web::Headers once{{"If-None-Exist", "identifier=urn:mrn|new"}};
    const std::string body = testing::patient("new").print();
    EXPECT_EQ(send("POST", "/fhir/Patient", body, once).status, 201);
    EXPECT_EQ(send("POST", "/fhir/Patient", body, once).status, 200);
    EXPECT_EQ(count("Patient"), 2U);
}

TEST_F(RecordTest, ABinaryComesRawOrAsFhirAsAskedFor) {
    const auto created =
        send("POST", "/fhir/Binary", "%PDF", {{"Content-Type", "application/pdf"}});
    ASSERT_EQ(created.status, 201);
    const std::string at = "/fhir/Binary/" + std::string(json(created.body)["id"].string());
    EXPECT_EQ(send("GET", at, {}, {{"Accept", "application/pdf"}}).body, "%PDF");
    EXPECT_EQ(
        json(send("GET", at, {}, {{"Accept", "application/fhir+json"}}).body)["data"].string(),
        "JVBERg==");
}

TEST_F(RecordTest, ATaskIsAnsweredWithAnOpinion) {
    put(json(
        "{'resourceType':'Task','id':'t','status':'requested','intent':'order','for':{'reference':"
        "'Patient/p1'}}"));
    ASSERT_EQ(send("POST", "/sandbox/answer/t", "{\"text\":\"Agreed.\"}").status, 200);
    const Json task = get("/fhir/Task/t");
    EXPECT_EQ(task["status"].string(), "completed");
    const std::string note(task["output"].items()[0].at("valueReference", "reference").string());
    const Json document = get("/fhir/" + note);
    EXPECT_EQ(document.at("subject", "reference").string(), "Patient/p1");
    const std::string url(document["content"].items()[0].at("attachment", "url").string());
    EXPECT_EQ(send("GET", "/fhir/" + url, {}, {{"Accept", "text/plain"}}).body, "Agreed.");
}

// What a destination that dies at the worst moment looks like to a client.
TEST_F(RecordTest, AHangUpAfterTheCommitLeavesTheDataAndABeforeItNone) {
    const std::string body = testing::patient("x").print();
    ASSERT_EQ(
        send("POST", "/sandbox/fault", "{\"name\":\"commit-and-hang-up\",\"count\":1}").status,
        204);
    EXPECT_TRUE(send("POST", "/fhir/Patient", body).drop);
    EXPECT_EQ(count("Patient"), 2U);
    ASSERT_TRUE(box_.faults().add("hang-up-before-commit"));
    EXPECT_TRUE(send("POST", "/fhir/Patient", body).drop);
    EXPECT_EQ(count("Patient"), 2U);
    EXPECT_EQ(send("POST", "/fhir/Patient", body).status, 201);
    EXPECT_EQ(json(send("GET", "/sandbox/received").body).size(), 2U);
}

TEST_F(RecordTest, FaultsComeTheirNumberOfTimesAndThenNoMore) {
    ASSERT_TRUE(box_.faults().add("http-503*2"));
    ASSERT_TRUE(box_.faults().add("rate-limit:7"));
    EXPECT_EQ(send("GET", "/fhir/Patient").status, 503);
    EXPECT_EQ(send("GET", "/fhir/Patient").status, 503);
    const auto limited = send("GET", "/fhir/Patient");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(header(limited, "Retry-After"), "7");
    EXPECT_EQ(send("GET", "/fhir/Patient").status, 200);
    EXPECT_FALSE(box_.faults().add("no-such-fault"));
}

TEST_F(RecordTest, ForbidRefusesOneTypeOnly) {
    ASSERT_TRUE(box_.faults().add("forbid:Observation*"));
    EXPECT_EQ(send("GET", "/fhir/Patient").status, 200);
    EXPECT_EQ(send("GET", "/fhir/Observation?patient=p1").status, 403);
    EXPECT_EQ(send("GET", "/fhir/Observation?patient=p1").status, 403);
}

TEST_F(RecordTest, ADecoyIsAnotherPatients) {
    ASSERT_TRUE(box_.faults().add("decoy"));
    const Json page = get("/fhir/Observation?patient=p1&_count=5");
    ASSERT_EQ(page["entry"].size(), 6U);
    EXPECT_EQ(page["entry"].items()[5].at("resource", "subject", "reference").string(),
              "Patient/another-patient");
}

TEST_F(RecordTest, BadPagesAreBadAsAsked) {
    const std::string search = "/fhir/Observation?patient=p1&_count=10";
    ASSERT_TRUE(box_.faults().add("loop-next"));
    EXPECT_EQ(next_of(get(search)), "https://ehr.test" + search);
    ASSERT_TRUE(box_.faults().add("foreign-next"));
    EXPECT_THAT(next_of(get(search)), ::testing::StartsWith("https://elsewhere.invalid/"));
    ASSERT_TRUE(box_.faults().add("lying-total"));
    EXPECT_EQ(get(search)["total"].number(), "1025");
    const std::string next = next_of(get(search));
    ASSERT_TRUE(box_.faults().add("expired-page"));
    EXPECT_EQ(send("GET", next).status, 410);
    EXPECT_EQ(send("GET", next).status, 200);
    EXPECT_EQ(send("GET", "/fhir?_getpages=made-up").status, 410);
    ASSERT_TRUE(box_.faults().add("cut-json"));
    EXPECT_FALSE(Json::parse(send("GET", search).body));
    ASSERT_TRUE(box_.faults().add("deep-json"));
    EXPECT_FALSE(Json::parse(send("GET", search).body));
    ASSERT_TRUE(box_.faults().add("wrong-content-type"));
    EXPECT_THAT(header(send("GET", search), "Content-Type"), ::testing::StartsWith("text/html"));
}

class SourceTest : public RecordTest {
protected:
    static SandboxOptions source() {
        SandboxOptions options;
        options.writable = false;
        return options;
    }
    SourceTest() : RecordTest(source()) {}
};

TEST_F(SourceTest, WithoutATokenNothingButItsDescriptionIsGiven) {
    EXPECT_EQ(send("GET", "/fhir/metadata").status, 200);
    EXPECT_EQ(
        json(send("GET", "/fhir/.well-known/smart-configuration").body)["token_endpoint"].string(),
        "https://ehr.test/token");
    EXPECT_EQ(send("GET", "/fhir/Patient/p1").status, 401);
    EXPECT_EQ(send("GET", "/fhir/Patient/p1", {}, {{"Authorization", "Bearer made-up"}}).status,
              401);
    EXPECT_EQ(send("GET", "/fhir?_getpages=x").status, 401);
}

TEST_F(SourceTest, ATokenLetsInToReadAndMayDieInTheMiddle) {
    const auto key = *crypto::Key::generate(crypto::Key::Type::EcP384);
    ASSERT_TRUE(box_.tokens().add_client("app", jws::public_jwks({key}), {"system/*.rs"}));
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
    const std::string assertion = jws::sign(
        key, "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":\"https://ehr.test/token\",\"exp\":" +
                 std::to_string(now.count() + 60) + ",\"jti\":\"1\"}");
    const auto granted = send("POST", "/token",
                              "grant_type=client_credentials&scope=system%2F*.rs&client_assertion_"
                              "type=urn%3Aietf%3Aparams"
                              "%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" +
                                  assertion,
                              {{"Content-Type", "application/x-www-form-urlencoded"}});
    ASSERT_EQ(granted.status, 200) << granted.body;
    const web::Headers bearer{
        {"Authorization", "Bearer " + std::string(json(granted.body)["access_token"].string())}};
    ASSERT_TRUE(box_.faults().add("token-dies"));
    EXPECT_EQ(send("GET", "/fhir/Observation?patient=p1", {}, bearer).status, 200);
    EXPECT_EQ(send("GET", "/fhir/Observation?patient=p1", {}, bearer).status, 401);
    EXPECT_EQ(send("GET", "/fhir/Observation?patient=p1", {}, bearer).status, 401);
}

class StrictTest : public RecordTest {
protected:
    static SandboxOptions strict() {
        SandboxOptions options = open_to_all();
        options.search.require_category = true;
        options.writable = false;
        return options;
    }
    StrictTest() : RecordTest(strict()) {}
};

TEST_F(StrictTest, ASearchWithoutCategoryIsRefusedWithItsReason) {
    const auto refused = send("GET", "/fhir/Observation?patient=p1");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(json(refused.body)["issue"].items()[0]["code"].string(), "required");
    EXPECT_EQ(get("/fhir/Observation?patient=p1&category=lab")["total"].number(), "25");
}

TEST_F(StrictTest, ASourceTakesNoWrites) {
    EXPECT_EQ(send("POST", "/fhir/Patient", testing::patient("x").print()).status, 405);
    EXPECT_EQ(send("POST", "/fhir", "{}").status, 405);
    EXPECT_EQ(count("Patient"), 1U);
}

TEST_F(SourceTest, TheCapabilityStatementNamesWhatIsDoneAndNoMore) {
    const Json statement = json(send("GET", "/fhir/metadata").body);
    const JsonView rest = statement["rest"].items()[0];
    EXPECT_FALSE(rest.has("interaction"));
    for (const JsonView resource : rest["resource"].items()) {
        EXPECT_EQ(resource["interaction"].size(), 2U);
        EXPECT_FALSE(resource["updateCreate"].is_true());
        EXPECT_FALSE(resource.has("operation"));
    }
}

}  // namespace
}  // namespace consultd::sandbox
