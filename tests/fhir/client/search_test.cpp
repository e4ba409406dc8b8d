#include "fhir/client/search.h"

#include "tests/fhir/client/fhir_conversation.h"

namespace consultd::fhir {
namespace {

using testing::answer;
using testing::json_answer;

const std::string first_url = "https://ehr.example/fhir/Observation?patient=1";

std::string entry(const std::string& id, const std::string& type = "Observation",
                  const std::string& mode = "match") {
    return R"({"fullUrl":"https://ehr.example/fhir/)" + type + "/" + id +
           R"(","resource":{"resourceType":")" + type + R"(","id":")" + id + R"("})" +
           (mode.empty() ? "" : R"(,"search":{"mode":")" + mode + R"("})") + "}";
}

std::string page(const std::vector<std::string>& entries, const std::string& next = "",
                 const std::string& more = "") {
    std::string text = R"({"resourceType":"Bundle","type":"searchset")" + more;
    if (!next.empty()) text += R"(,"link":[{"relation":"next","url":")" + next + R"("}])";
    if (!entries.empty()) {
        text += R"(,"entry":[)";
        for (std::size_t i = 0; i < entries.size(); ++i) text += (i == 0 ? "" : ",") + entries[i];
        text += "]";
    }
    return text + "}";
}

class SearchTest : public ConversationTest {
protected:
    void at(const std::string& at_url, const std::string& body) {
        transport_.on("GET", at_url, json_answer(200, body));
    }
    Result<SearchResult> run(SearchLimits limits = {}) {
        return Search(client_, url(first_url), limits).run(call());
    }
    static std::vector<std::string> ids(const std::vector<BundleEntry>& entries) {
        std::vector<std::string> out;
        for (const BundleEntry& one : entries) out.emplace_back(one.resource["id"].string());
        return out;
    }
};

TEST_F(SearchTest, FollowsNextLinksOfEveryForm) {
    at(first_url, page({entry("1")}, "https://ehr.example/fhir?_getpages=a&_getpagesoffset=1"));
    at("https://ehr.example/fhir?_getpages=a&_getpagesoffset=1",
       page({entry("2")}, "/fhir/Observation?_offset=2"));
    at("https://ehr.example/fhir/Observation?_offset=2", page({}, "Observation?_offset=3"));
    at("https://ehr.example/fhir/Observation?_offset=3", page({entry("3")}));
    const auto result = run();
    ASSERT_TRUE(result.ok()) << result.error().message();
    EXPECT_EQ(ids(result->matches), (std::vector<std::string>{"1", "2", "3"}));
    EXPECT_EQ(result->pages, 4U);
    EXPECT_FALSE(result->incomplete);
    EXPECT_EQ(transport_.unexpected(), 0U);
}

// What is asked for stands in the body; the links to further pages are the server's own.
TEST_F(SearchTest, ByPostNothingAskedForStandsInTheUrl) {
    const std::string search = "https://ehr.example/fhir/Patient/_search";
    transport_.on("POST", search,
                  json_answer(200, page({entry("1", "Patient")}, "https://ehr.example/fhir?_p=2")));
    at("https://ehr.example/fhir?_p=2", page({entry("2", "Patient")}));
    const auto result =
        Search::by_post(client_, url(search), Query().add("birthdate", "1970-05-06").text(), {})
            .run(call());
    ASSERT_TRUE(result.ok()) << result.error().message();
    EXPECT_EQ(ids(result->matches), (std::vector<std::string>{"1", "2"}));
    const HttpRequest first = transport_.requests().front();
    EXPECT_EQ(first.body, "birthdate=1970-05-06");
    EXPECT_EQ(first.headers.find("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(first.effect, HttpRequest::Effect::Read);
}

TEST_F(SearchTest, NoMatchIsASuccess) {
    at(first_url, page({}, "", R"(,"total":0)"));
    const auto result = run();
    ASSERT_TRUE(result.ok());
    EXPECT_TRUE(result->matches.empty());
    EXPECT_EQ(result->total, 0);
}

TEST_F(SearchTest, SortsWhatCameByItsMode) {
    at(first_url, page({entry("1"), entry("2", "Patient", "include"), entry("3", "Observation", ""),
                        entry("4", "Practitioner", ""),
                        R"({"search":{"mode":"outcome"},"resource":)" +
                            outcome("information", "informational") + "}"}));
    const auto result = run();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(ids(result->matches), (std::vector<std::string>{"1", "3"}));
    EXPECT_EQ(ids(result->includes), (std::vector<std::string>{"2", "4"}));
    ASSERT_EQ(result->issues.size(), 1U);
    EXPECT_FALSE(result->incomplete);
}

TEST_F(SearchTest, WhatIsSaidToBeLeftOutMakesItIncomplete) {
    for (const std::string& left_out :
         {R"({"search":{"mode":"outcome"},"resource":)" + outcome("warning", "suppressed") + "}",
          R"({"resource":)" + outcome("warning", "incomplete") + "}",
          R"({"resource":)" + outcome("error", "exception") + "}",
          std::string(R"({"fullUrl":"https://ehr.example/fhir/Observation/9"})")}) {
        testing::FakeTransport transport([&](const HttpRequest&) {
            return json_answer(200, page({entry("1"), left_out}));
        });
        FhirClient client(base_, transport, credentials_, clock_);
        const auto result = Search(client, url(first_url)).run(call());
        ASSERT_TRUE(result.ok());
        EXPECT_TRUE(result->incomplete) << left_out;
    }
}

// https://hl7.org/fhir/R4/search.html#summary: a count is a part by what was asked for.
TEST_F(SearchTest, APageThatSaysThatItIsAPartIsNotTheWhole) {
    testing::FakeTransport transport([&](const HttpRequest&) {
        return json_answer(200, R"({"resourceType":"Bundle","type":"searchset","total":0,
                                    "meta":{"tag":[{"code":"SUBSETTED"}]}})");
    });
    FhirClient client(base_, transport, credentials_, clock_);
    EXPECT_TRUE(Search(client, url(first_url)).run(call())->incomplete);
    EXPECT_FALSE(
        Search(client, url("https://ehr.example/fhir/Observation?_summary=count&patient=1"))
            .run(call())
            ->incomplete);
}

TEST_F(SearchTest, NeverFollowsALinkToAnotherOrigin) {
    for (const char* next :
         {"https://evil.example/fhir/Observation?p=2", "http://ehr.example/fhir/x",
          "https://ehr.example:444/fhir/x", "//evil.example/x"}) {
        testing::FakeTransport transport(
            [&](const HttpRequest&) { return json_answer(200, page({entry("1")}, next)); });
        FhirClient client(base_, transport, credentials_, clock_);
        EXPECT_EQ(kind_of(Search(client, url(first_url)).run(call())), ErrorKind::Forbidden)
            << next;
        EXPECT_EQ(transport.requests().size(), 1U);
    }
    for (const char* next : {"file:///etc/passwd", "localfile:1"}) {
        testing::FakeTransport transport(
            [&](const HttpRequest&) { return json_answer(200, page({entry("1")}, next)); });
        FhirClient client(base_, transport, credentials_, clock_);
        EXPECT_FALSE(Search(client, url(first_url)).run(call()).ok()) << next;
        EXPECT_EQ(transport.requests().size(), 1U);
    }
}

TEST_F(SearchTest, CycleOfLinksIsAnError) {
    at(first_url, page({entry("1")}, "Observation?p=2"));
    at("https://ehr.example/fhir/Observation?p=2", page({entry("2")}, "Observation?p=3"));
    at("https://ehr.example/fhir/Observation?p=3", page({entry("3")}, "Observation?p=2"));
    EXPECT_EQ(kind_of(run()), ErrorKind::Malformed);
    EXPECT_EQ(transport_.requests().size(), 3U);
}

TEST_F(SearchTest, PageThatPointsToItselfIsAnError) {
    at(first_url, page({entry("1")}, first_url));
    EXPECT_EQ(kind_of(run()), ErrorKind::Malformed);
}

TEST_F(SearchTest, SamePageUnderEverNewLinksIsAnError) {
    int number = 0;
    testing::FakeTransport transport([&](const HttpRequest&) {
        return json_answer(200, page({entry("1")}, "Observation?p=" + std::to_string(++number)));
    });
    FhirClient client(base_, transport, credentials_, clock_);
    EXPECT_EQ(kind_of(Search(client, url(first_url)).run(call())), ErrorKind::Malformed);
    EXPECT_EQ(transport.requests().size(), 2U);
}

TEST_F(SearchTest, EndlessPagesStopAtTheLimitWithAnError) {
    int number = 0;
    testing::FakeTransport transport([&](const HttpRequest&) {
        const std::string next = std::to_string(++number);
        return json_answer(200, page({entry(next)}, "Observation?p=" + next));
    });
    FhirClient client(base_, transport, credentials_, clock_);
    const auto result = Search(client, url(first_url), {.pages_max = 7}).run(call());
    EXPECT_EQ(kind_of(result), ErrorKind::Unsupported);
    EXPECT_EQ(transport.requests().size(), 7U);
}

TEST_F(SearchTest, ExactlyTheLimitOfPagesIsFine) {
    at(first_url, page({entry("1")}, "Observation?p=2"));
    at("https://ehr.example/fhir/Observation?p=2", page({entry("2")}));
    EXPECT_TRUE(run({.pages_max = 2}).ok());
}

TEST_F(SearchTest, TooManyResourcesOrBytesAreAnError) {
    at(first_url, page({entry("1"), entry("2"), entry("3")}));
    EXPECT_EQ(kind_of(run({.resources_max = 2})), ErrorKind::TooLarge);
    EXPECT_EQ(kind_of(run({.bytes_max = 100})), ErrorKind::TooLarge);
}

TEST_F(SearchTest, FailedPageIsAnErrorAndCanBeAskedForAgain) {
    at(first_url, page({entry("1")}, "Observation?p=2"));
    transport_.on("GET", "https://ehr.example/fhir/Observation?p=2", answer(503, "", ""))
        .on("GET", "https://ehr.example/fhir/Observation?p=2",
            json_answer(200, page({entry("2")})));
    Search search(client_, url(first_url));
    EXPECT_EQ(kind_of(search.run(call())), ErrorKind::Unavailable);
    EXPECT_FALSE(search.done());
    const auto result = search.run(call());
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(ids(result->matches), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(transport_.requests().size(), 3U) << "the first page is not asked for again";
}

TEST_F(SearchTest, ExpiredPageBeginsTheSearchAnewOnce) {
    for (const int status : {404, 410, 400}) {
        testing::FakeTransport transport;
        transport.on("GET", first_url, json_answer(200, page({entry("1")}, "Observation?p=old")))
            .on("GET", first_url, json_answer(200, page({entry("1")}, "Observation?p=new")))
            .on("GET", "https://ehr.example/fhir/Observation?p=old", answer(status, "", ""))
            .on("GET", "https://ehr.example/fhir/Observation?p=new",
                json_answer(200, page({entry("2")})));
        FhirClient client(base_, transport, credentials_, clock_);
        const auto result = Search(client, url(first_url)).run(call());
        ASSERT_TRUE(result.ok()) << result.error().message();
        EXPECT_EQ(ids(result->matches), (std::vector<std::string>{"1", "2"}));
    }
}

TEST_F(SearchTest, PageThatExpiresAgainIsAnErrorAndNotAShortResult) {
    at(first_url, page({entry("1")}, "Observation?p=2"));
    transport_.on("GET", "https://ehr.example/fhir/Observation?p=2", answer(410, "", ""));
    const auto result = run();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().number("status"), 410);
    EXPECT_EQ(transport_.requests().size(), 4U);
}

TEST_F(SearchTest, RefusedFirstPageIsNotAskedForAgain) {
    transport_.on("GET", first_url, answer(400, "", ""));
    EXPECT_EQ(kind_of(run()), ErrorKind::Unsupported);
    EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(SearchTest, WhatIsNoSearchsetIsAnError) {
    for (const char* body : {R"({"resourceType":"Bundle","type":"collection"})",
                             R"({"resourceType":"Patient","id":"1"})"}) {
        testing::FakeTransport transport(
            [&](const HttpRequest&) { return json_answer(200, body); });
        FhirClient client(base_, transport, credentials_, clock_);
        EXPECT_EQ(kind_of(Search(client, url(first_url)).run(call())), ErrorKind::Malformed);
    }
}

TEST_F(SearchTest, SeveralSearchesOverlap) {
    const std::string second_url = "https://ehr.example/fhir/Condition?patient=1";
    at(first_url, page({entry("1")}));
    at(second_url, page({entry("2", "Condition")}));
    transport_.hold();
    Search one(client_, url(first_url)), two(client_, url(second_url));
    one.start(call());
    one.start(call());
    two.start(call());
    EXPECT_EQ(transport_.requests().size(), 2U);
    transport_.let_go();
    EXPECT_EQ(one.step(call()).value(), SearchState::Done);
    EXPECT_EQ(two.step(call()).value(), SearchState::Done);
    EXPECT_EQ(ids(two.take().matches), (std::vector<std::string>{"2"}));
}

}  // namespace
}  // namespace consultd::fhir
