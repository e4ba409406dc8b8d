#include "fhir/client/fhir_client.h"

#include "fhir/client/http_status.h"
#include "tests/fhir/client/fhir_conversation.h"

namespace consultd::fhir {
namespace {

using testing::answer;
using testing::json_answer;

const std::string patient = R"({"resourceType":"Patient","id":"1"})";
const std::string patient_url = "https://ehr.example/fhir/Patient/1";

class FhirClientTest : public ConversationTest {
protected:
    Result<FhirResponse> get_answered(testing::FakeTransport::Answer with) {
        testing::FakeTransport transport([&](const HttpRequest&) { return with; });
        return FhirClient(base_, transport, credentials_, clock_).get(url(patient_url), call());
    }
    Result<FhirResponse> write_answered(testing::FakeTransport::Answer with) {
        testing::FakeTransport transport([&](const HttpRequest&) { return with; });
        return FhirClient(base_, transport, credentials_, clock_)
            .write("POST", base_, "{}", call());
    }
};

TEST_F(FhirClientTest, AsksForFhirJsonWithItsCredential) {
    transport_.on("GET", patient_url, json_answer(200, patient));
    const auto response = client_.get(url(patient_url), call());
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response->body["id"].string(), "1");
    const HttpRequest request = transport_.requests().at(0);
    EXPECT_EQ(request.headers.find("Accept"), "application/fhir+json");
    EXPECT_EQ(request.headers.find("Authorization"), "Bearer 1");
    EXPECT_EQ(request.effect, HttpRequest::Effect::Read);
}

TEST_F(FhirClientTest, SendsNothingToAnotherOrigin) {
    for (const char* other :
         {"https://ehr.example:8443/fhir/Patient/1", "http://ehr.example/fhir/Patient/1",
          "https://evil.example/fhir/Patient/1"}) {
        EXPECT_EQ(kind_of(client_.get(url(other), call())), ErrorKind::Forbidden);
        EXPECT_EQ(kind_of(client_.start_fetch(url(other), "*/*", call()).get()),
                  ErrorKind::Forbidden);
        EXPECT_EQ(kind_of(client_.write("POST", url(other), "{}", call())), ErrorKind::Forbidden);
    }
    EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(FhirClientTest, TakesTheNamesThatServersGiveToFhirJson) {
    for (const char* type :
         {"application/fhir+json", "Application/FHIR+JSON; charset=UTF-8", "application/json",
          "application/json+fhir ; fhirVersion=4.0", "text/json"})
        EXPECT_TRUE(get_answered(answer(200, type, patient)).ok()) << type;
}

TEST_F(FhirClientTest, WhatIsNoFhirJsonIsNeverTakenForAnEmptyAnswer) {
    EXPECT_EQ(kind_of(get_answered(answer(200, "text/html", "<html>sign in</html>"))),
              ErrorKind::Malformed);
    EXPECT_EQ(kind_of(get_answered(answer(200, "", patient))), ErrorKind::Malformed);
    EXPECT_EQ(kind_of(get_answered(json_answer(200, ""))), ErrorKind::Malformed);
    EXPECT_EQ(kind_of(get_answered(json_answer(200, "null"))), ErrorKind::Malformed);
    EXPECT_EQ(kind_of(get_answered(json_answer(200, R"({"resourceType":)"))), ErrorKind::Malformed);
    EXPECT_EQ(kind_of(get_answered(json_answer(201, patient))), ErrorKind::Malformed);
}

TEST_F(FhirClientTest, OutcomeWithAnErrorIsAFailureThoughTheStatusIs200) {
    const std::pair<const char*, ErrorKind> rows[] = {
        {"login", ErrorKind::Unauthorized},    {"forbidden", ErrorKind::Forbidden},
        {"not-found", ErrorKind::NotFound},    {"not-supported", ErrorKind::Unsupported},
        {"throttled", ErrorKind::RateLimited}, {"timeout", ErrorKind::Unavailable},
        {"invalid", ErrorKind::Malformed},     {"made-up", ErrorKind::Malformed}};
    for (const auto& [code, kind] : rows)
        EXPECT_EQ(kind_of(get_answered(json_answer(200, outcome("error", code)))), kind) << code;
    EXPECT_TRUE(get_answered(json_answer(200, outcome("warning", "suppressed"))).ok());
}

TEST_F(FhirClientTest, StatusSaysWhatToDo) {
    const std::tuple<int, ErrorKind, ErrorKind> rows[] = {
        {301, ErrorKind::Forbidden, ErrorKind::Forbidden},
        {400, ErrorKind::Unsupported, ErrorKind::Unsupported},
        {403, ErrorKind::Forbidden, ErrorKind::Forbidden},
        {404, ErrorKind::NotFound, ErrorKind::NotFound},
        {405, ErrorKind::Unsupported, ErrorKind::Unsupported},
        {409, ErrorKind::Conflict, ErrorKind::Conflict},
        {410, ErrorKind::NotFound, ErrorKind::NotFound},
        {412, ErrorKind::Conflict, ErrorKind::Conflict},
        {413, ErrorKind::TooLarge, ErrorKind::TooLarge},
        {422, ErrorKind::Malformed, ErrorKind::Malformed},
        {429, ErrorKind::RateLimited, ErrorKind::RateLimited},
        {500, ErrorKind::Unavailable, ErrorKind::Uncertain},
        {501, ErrorKind::Unsupported, ErrorKind::Unsupported},
        {502, ErrorKind::Unavailable, ErrorKind::Uncertain},
        {503, ErrorKind::Unavailable, ErrorKind::Uncertain},
        {504, ErrorKind::Unavailable, ErrorKind::Uncertain}};
    for (const auto& [status, read, write] : rows) {
        const auto got = get_answered(answer(status, "text/html", "<html/>"));
        EXPECT_EQ(kind_of(got), read) << status;
        EXPECT_EQ(got.error().number("status"), status);
        EXPECT_EQ(kind_of(write_answered(answer(status, "text/html", "<html/>"))), write) << status;
    }
}

TEST_F(FhirClientTest, RefusalKeepsTheOutcomesCodeAndNothingElse) {
    const auto got = get_answered(json_answer(
        422,
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"business-rule",)"
        R"("diagnostics":"Jane Doe is unknown"}]})"));
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(issue_of(got.error()), "business-rule");
    EXPECT_EQ(got.error().message().find("Jane"), std::string::npos);
}

TEST_F(FhirClientTest, HonoursRetryAfterWithinReason) {
    const auto wait = [this](int status, const char* value) {
        HttpResponse response = answer(status, "", "");
        response.headers.add("Retry-After", value);
        const auto got = get_answered(response);
        EXPECT_EQ(got.error().kind(), ErrorKind::RateLimited);
        return got.error().number("retry_after_s");
    };
    EXPECT_EQ(wait(429, "120"), 120);
    EXPECT_EQ(wait(503, "120"), 120);
    EXPECT_EQ(wait(429, "0"), 1);
    EXPECT_EQ(wait(429, "1000000000"), retry_after_s_max);
    EXPECT_EQ(wait(429, "99999999999999999999999"), retry_after_s_max);
    EXPECT_EQ(wait(429, "-5"), std::nullopt);
    EXPECT_EQ(wait(429, "soon"), std::nullopt);
    clock_.set_wall(*parse_instant("2026-11-23T10:00:00Z"));
    EXPECT_EQ(wait(429, "Mon, 23 Nov 2026 10:01:30 GMT"), 90);
    EXPECT_EQ(wait(429, "Mon, 23 Nov 2020 10:01:30 GMT"), 1);
    EXPECT_EQ(wait(429, "Mon, 31 Feb 2026 10:01:30 GMT"), std::nullopt);
}

// A proxy that lost its server says 503 and when to come back; the server may have the write.
TEST_F(FhirClientTest, WriteAnsweredWith503IsUncertainAlsoWithRetryAfter) {
    HttpResponse response = answer(503, "", "");
    response.headers.add("Retry-After", "120");
    const auto lost = write_answered(response);
    EXPECT_EQ(kind_of(lost), ErrorKind::Uncertain);
    EXPECT_EQ(lost.error().number("retry_after_s"), 120);
    response.status = 429;
    EXPECT_EQ(kind_of(write_answered(response)), ErrorKind::RateLimited);
}

TEST_F(FhirClientTest, RefusedTokenIsRenewedOnce) {
    transport_.on("GET", patient_url, answer(401, "", ""))
        .on("GET", patient_url, json_answer(200, patient));
    EXPECT_TRUE(client_.get(url(patient_url), call()).ok());
    const auto requests = transport_.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[1].headers.find("Authorization"), "Bearer 2");
}

TEST_F(FhirClientTest, RefusedAgainIsUnauthorized) {
    transport_.on("GET", patient_url, answer(401, "", ""));
    EXPECT_EQ(kind_of(client_.get(url(patient_url), call())), ErrorKind::Unauthorized);
    EXPECT_EQ(transport_.requests().size(), 2U);
}

TEST_F(FhirClientTest, CredentialThatDoesNotChangeIsNotTriedAgain) {
    credentials_.last = 1;
    transport_.on("GET", patient_url, answer(401, "", ""));
    EXPECT_EQ(kind_of(client_.get(url(patient_url), call())), ErrorKind::Unauthorized);
    EXPECT_EQ(transport_.requests().size(), 1U);
}

// Ten pages were under way when the token died: the first answer brings a new one, which the other
// nine must not throw away.
TEST_F(FhirClientTest, RequestsThatOverlapRenewTheTokenOnce) {
    testing::FakeTransport transport([](const HttpRequest& request) {
        const bool old = request.headers.find("Authorization") == "Bearer 1";
        return old ? answer(401, "", "") : json_answer(200, patient);
    });
    FhirClient client(base_, transport, credentials_, clock_);
    std::vector<std::future<Result<FhirResponse>>> futures;
    for (int i = 0; i < 10; ++i) futures.push_back(client.start_get(url(patient_url), call()));
    for (auto& future : futures) EXPECT_TRUE(future.get().ok());
    EXPECT_EQ(credentials_.refusals, 1);
}

TEST_F(FhirClientTest, WriteIsAWriteToTheTransport) {
    HttpResponse created = answer(201, "", "");
    created.headers.add("Location", "Patient/9/_history/1").add("ETag", "W/\"1\"");
    transport_.on("POST", "https://ehr.example/fhir", created);
    const auto response = client_.write("POST", base_, "{\"a\":1}", call());
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->location, "Patient/9/_history/1");
    EXPECT_EQ(response->etag, "W/\"1\"");
    EXPECT_TRUE(response->body.is_null());
    const HttpRequest request = transport_.requests().at(0);
    EXPECT_EQ(request.effect, HttpRequest::Effect::Write);
    EXPECT_EQ(request.body, "{\"a\":1}");
    EXPECT_EQ(request.headers.find("Content-Type"), "application/fhir+json; charset=utf-8");
}

// It may have been stored: a page of some proxy with 200, half an answer, an outcome that says
// "error".
TEST_F(FhirClientTest, WriteWithAnAnswerThatIsNoneIsUncertain) {
    EXPECT_EQ(kind_of(write_answered(answer(200, "text/html", "<html/>"))), ErrorKind::Uncertain);
    EXPECT_EQ(kind_of(write_answered(json_answer(200, "{\"resourceType\""))), ErrorKind::Uncertain);
    EXPECT_EQ(kind_of(write_answered(json_answer(200, outcome("error", "exception")))),
              ErrorKind::Uncertain);
    EXPECT_EQ(kind_of(write_answered(Error(ErrorKind::Uncertain, "lost"))), ErrorKind::Uncertain);
}

TEST_F(FhirClientTest, FetchBringsBytesAsTheyAre) {
    const std::string pdf("%PDF\0\xff", 6);
    transport_.on("GET", "https://ehr.example/fhir/Binary/1", answer(200, "application/pdf", pdf));
    const auto response =
        client_.start_fetch(url("https://ehr.example/fhir/Binary/1"), "*/*", call()).get();
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->raw, pdf);
    EXPECT_EQ(response->content_type, "application/pdf");
    EXPECT_EQ(transport_.requests().at(0).headers.find("Accept"), "*/*");
}

// A server may answer with the FHIR form whatever was asked for, and with an outcome instead of
// bytes.
TEST_F(FhirClientTest, FetchReadsTheFhirFormOfABinary) {
    transport_
        .on("GET", "https://ehr.example/fhir/Binary/1",
            json_answer(200, R"({"resourceType":"Binary","data":"JVBERg=="})"))
        .on("GET", "https://ehr.example/fhir/Binary/2",
            json_answer(200, outcome("error", "forbidden")));
    const auto response =
        client_.start_fetch(url("https://ehr.example/fhir/Binary/1"), "*/*", call()).get();
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->body["data"].string(), "JVBERg==");
    EXPECT_EQ(
        kind_of(client_.start_fetch(url("https://ehr.example/fhir/Binary/2"), "*/*", call()).get()),
        ErrorKind::Forbidden);
}

}  // namespace
}  // namespace consultd::fhir
