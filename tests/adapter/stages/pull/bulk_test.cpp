// A record by $export: whole, proven, in bounded memory, and never twice.
#include "adapter/stages/pull/bulk.h"

#include <gmock/gmock.h>

#include "pull_fixture.h"

namespace consultd {
namespace {

using ::testing::Contains;
using ::testing::Not;

// What was answered, kept in memory, as the store keeps it.
class Memory final : public fhir::KeptAnswers {
public:
    Result<std::optional<fhir::HttpResponse>> find(const fhir::HttpRequest& request) override {
        const auto found = answers_.find(key(request));
        using Found = std::optional<fhir::HttpResponse>;
        return found == answers_.end() ? Found() : Found(found->second);
    }
    Status keep(const fhir::HttpRequest& request, const fhir::HttpResponse& answer) override {
        const bool is_begun = answer.status == 202 && request.url.path().ends_with("/$export");
        if (answer.status == 200 || answer.status == 404 || is_begun)
            answers_[key(request)] = answer;
        return {};
    }

private:
    static std::string key(const fhir::HttpRequest& request) {
        return request.method + request.url.text() + request.body +
               std::string(request.headers.find("Accept").value_or(""));
    }
    std::map<std::string, fhir::HttpResponse> answers_;
};

class BulkTest : public PullTest {
protected:
    BulkTest() { settings.method = config::Pull::Method::Bulk; }

    static std::string line(const std::string& type, const std::string& id,
                            const std::string& patient = "anna", const std::string& more = "") {
        return R"({"resourceType":")" + type + R"(","id":")" + id +
               R"(","subject":{"reference":"Patient/)" + patient + "\"}" + more + "}\n";
    }
    void file(const std::string& type, const std::string& text,
              std::optional<std::size_t> count = std::nullopt,
              const std::string& origin = "https://ehr.example") {
        const std::string path = "/files/" + std::to_string(++files_);
        server.put_bytes(path, "application/fhir+ndjson", text);
        output_ += (output_.empty() ? "" : ",") + std::string(R"({"type":")") + type +
                   R"(","url":")" + origin + path + "\"" +
                   (count ? ",\"count\":" + std::to_string(*count) : "") + "}";
    }
    static fhir::HttpResponse accepted(const std::string& status) {
        fhir::HttpResponse answer = testing::answer(202, "", "");
        answer.headers.add("Content-Location", status);
        return answer;
    }
    static fhir::HttpResponse wait(int seconds) {
        fhir::HttpResponse answer = testing::answer(202, "", "");
        answer.headers.add("Retry-After", std::to_string(seconds));
        return answer;
    }
    std::string manifest(const std::string& more = "") const {
        return R"({"transactionTime":"2024-01-01T00:00:00Z","requiresAccessToken":true,"output":[)" +
               output_ + R"(],"error":[])" + more + "}";
    }
    // The export of all patients, ready at the first look.
    void offer_export(const std::string& more = "") {
        server.fail_with("Patient/$export", accepted("https://ehr.example/job/1"), 1 << 20);
        server.fail_with("/job/1", testing::answer(200, "application/json", manifest(more)),
                         1 << 20);
    }
    Pull kept_pull(Memory& memory) {
        client_.emplace(server.client().keeping(memory));
        return Pull(*client_, table(), settings, limits, "anna", server.clock());
    }
    std::vector<std::string> methods_at(const std::string& part) {
        std::vector<std::string> methods;
        for (const fhir::HttpRequest& request : server.transport().requests())
            if (request.url.path_and_query().find(part) != std::string::npos)
                methods.push_back(request.method);
        return methods;
    }

    std::string output_;
    int files_ = 0;
    std::optional<fhir::FhirClient> client_;
};

TEST_F(BulkTest, WhatIsExportedIsTheRecordAndTheSourceMayForgetIt) {
    file("Observation", line("Observation", "o1") + "\n" + line("Observation", "o2"), 2);
    file("Condition", line("Condition", "c"));
    offer_export();
    const Record record = whole();
    EXPECT_EQ(kept(record), (std::vector<std::string>{"Condition/c", "Observation/o1",
                                                      "Observation/o2", "Patient/anna"}));
    EXPECT_EQ(how(record, "Observation"), "export|");
    EXPECT_EQ(end_of(record, "Observation"), "complete");
    EXPECT_EQ(methods_at("$export"), std::vector<std::string>{"POST"});
    EXPECT_EQ(methods_at("/job/1"), (std::vector<std::string>{"GET", "DELETE"}));
    const auto requests = server.transport().requests();
    const auto asked = std::ranges::find(requests, "POST", &fhir::HttpRequest::method);
    EXPECT_EQ(asked->headers.find("Prefer"), "respond-async");
    EXPECT_NE(asked->body.find(R"("valueReference":{"reference":"Patient/anna"})"),
              std::string::npos);
}

// Nobody waits for it: whoever comes too early is told when to come back, and that it goes on.
TEST_F(BulkTest, AnExportThatIsNotReadyIsComeBackFor) {
    file("Condition", line("Condition", "c"));
    server.fail_with("/job/1", wait(120), 2);
    server.fail("/job/1", 429, 1);
    offer_export();
    for (int looks = 0; looks < 2; ++looks) {
        const Result<Record> early = run();
        ASSERT_FALSE(early);
        EXPECT_EQ(early.error().kind(), ErrorKind::RateLimited);
        EXPECT_EQ(early.error().number("retry_after_s"), 120);
        EXPECT_EQ(early.error().number("progress"), 1);
    }
    EXPECT_EQ(run().error().kind(), ErrorKind::RateLimited);
    EXPECT_THAT(kept(whole()), Contains("Condition/c"));
    EXPECT_EQ(server.requests_for("$export"), 1u);
}

// Begun before we died, and not begun again; what was read is not read again.
// A source that is at work for ever, and says when to come back: never, in the end.
TEST_F(BulkTest, AnExportThatIsNeverReadyIsGivenUpAndTheSearchesBringTheRecord) {
    put_ours("Condition", "c");
    server.fail_with("Patient/$export", accepted("https://ehr.example/job/1"), 1 << 20);
    server.fail_with("/job/1", wait(5 * 3600), 1 << 20);
    for (int hours = 0; hours < 12; hours += 5) {
        const Result<Record> waiting = run();
        ASSERT_FALSE(waiting);
        EXPECT_EQ(waiting.error().number("progress"), 1);
        EXPECT_EQ(waiting.error().number("retry_after_s"), std::min(5, 12 - hours) * 3600);
        server.clock().advance(std::chrono::seconds(*waiting.error().number("retry_after_s")));
    }
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Condition/c"));
    EXPECT_EQ(gap(record, "Patient/$export"), "not-ready");
    EXPECT_EQ(methods_at("/job/1").back(), "DELETE");
}

TEST_F(BulkTest, ASlowSourceIsGivenTheTimeThatTheConfigurationSays) {
    settings.export_within = std::chrono::hours(72);
    file("Condition", line("Condition", "c"));
    server.fail_with("/job/1", wait(24 * 3600), 2);
    offer_export();
    for (int days = 0; days < 2; ++days) {
        ASSERT_FALSE(run());
        server.clock().advance(std::chrono::hours(24));
    }
    EXPECT_EQ(how(whole(), "Condition"), "export|");
}

// What was begun before we died is waited for no longer than that either.
TEST_F(BulkTest, AnExportThatWasBegunLongAgoIsAsOld) {
    put_ours("Condition", "c");
    fhir::HttpResponse begun = accepted("https://ehr.example/job/1");
    begun.headers.add("Age", "43201");
    server.fail_with("Patient/$export", begun, 1 << 20);
    server.fail_with("/job/1", wait(60), 1 << 20);
    EXPECT_EQ(gap(whole(), "Patient/$export"), "not-ready");
}

TEST_F(BulkTest, GoesOnAfterADeathWithoutAskingForAnythingTwice) {
    file("Condition", line("Condition", "c"));
    file("Observation", line("Observation", "o"));
    server.fail_with("/job/1", wait(10), 1);
    server.fail("/files/2", 503, 1);
    offer_export();
    Memory memory;
    std::optional<Record> record;
    for (int lives = 0; lives < 3; ++lives) {
        Pull pull = kept_pull(memory);
        if (Result<Record> ran = pull.run(server.call().deadline, {})) record = *std::move(ran);
    }
    ASSERT_TRUE(record);
    EXPECT_THAT(kept(*record), Contains("Observation/o"));
    EXPECT_EQ(methods_at("$export"), std::vector<std::string>{"POST"});
    EXPECT_EQ(server.requests_for("/files/1"), 1u);
    EXPECT_EQ(server.requests_for("/files/2"), 2u);
}

TEST_F(BulkTest, AnExportThatHasExpiredIsAskedForAnewOnce) {
    file("Condition", line("Condition", "c"));
    server.fail("/job/1", 404, 1);
    offer_export();
    EXPECT_THAT(kept(whole()), Contains("Condition/c"));
    EXPECT_EQ(methods_at("$export").size(), 2u);
}

TEST_F(BulkTest, AnExportThatExpiresAgainIsAGapAndTheSearchesBringTheRecord) {
    put_ours("Condition", "c");
    server.fail_with("Patient/$export", accepted("/job/1"), 1 << 20);
    server.fail("/job/1", 404);
    const Record record = whole();
    EXPECT_EQ(gap(record, "Patient/$export"), "http-410");
    EXPECT_EQ(methods_at("$export").size(), 2u);
    EXPECT_THAT(kept(record), Contains("Condition/c"));
    EXPECT_EQ(end_of(record, "Condition"), "complete");
}

// The manifest may have a fresh address: https://hl7.org/fhir/uv/bulkdata/STU3/export.html
TEST_F(BulkTest, AFileThatIsGoneIsLookedForAgainAndThenAGapOfItsType) {
    file("Condition", line("Condition", "c"));
    file("Observation", line("Observation", "o"));
    server.fail("/files/2", 404);
    offer_export();
    const Record record = whole();
    EXPECT_EQ(gap(record, "Observation/$export"), "http-404");
    EXPECT_EQ(server.requests_for("/files/2"), 2u);
    EXPECT_EQ(methods_at("/job/1"), (std::vector<std::string>{"GET", "GET", "DELETE"}));
    EXPECT_EQ(end_of(record, "Condition"), "complete");
}

TEST_F(BulkTest, ALineThatIsCutIsAGapOfItsTypeAndTheOthersAreKept) {
    file("Observation", line("Observation", "o1") + R"({"resourceType":"Observation","id":"o2",)" +
                            "\n" + line("Observation", "o3"));
    offer_export();
    const Record record = whole();
    EXPECT_EQ(kept(record),
              (std::vector<std::string>{"Observation/o1", "Observation/o3", "Patient/anna"}));
    EXPECT_EQ(gap(record, "Observation/$export"), "malformed-answer");
    EXPECT_EQ(server.requests_for("/files/1"), 2u);
}

TEST_F(BulkTest, FewerLinesThanTheManifestCountsAreAGapAndTheSearchBringsThem) {
    put_ours("Observation", "o1");
    put_ours("Observation", "o2");
    file("Observation", line("Observation", "o1"), 2);
    offer_export();
    const Record record = whole();
    EXPECT_EQ(gap(record, "Observation/$export"), "fewer-than-total");
    EXPECT_THAT(kept(record), Contains("Observation/o2"));
}

TEST_F(BulkTest, AnotherPatientsLineIsRejectedByItsName) {
    file("Observation", line("Observation", "o1") + line("Observation", "theirs", "bob"));
    offer_export();
    const Record record = whole();
    EXPECT_EQ(reason(record, "Observation/theirs"), "wrong-patient");
    EXPECT_THAT(kept(record), Contains("Observation/o1"));
}

// The server made light of the patient: everybody's record is not read to its end.
TEST_F(BulkTest, AnExportOfEverybodyIsNotReadOn) {
    std::string all;
    for (int i = 0; i < 500; ++i) all += line("Observation", "b" + std::to_string(i), "bob");
    file("Condition", line("Condition", "c"));
    file("Observation", all);
    file("Procedure", line("Procedure", "p"));
    offer_export();
    put_ours("Procedure", "p");
    const Record record = whole();
    EXPECT_EQ(gap(record, "Patient/$export"), "not-narrowed");
    EXPECT_THAT(kept(record), Contains("Procedure/p"));
    EXPECT_EQ(how(record, "Procedure"), "patient|");
    EXPECT_EQ(server.requests_for("/files/3"), 0u);
    EXPECT_LE(record.rejected.size(), 101u);
    EXPECT_THAT(methods_at("/job/1"), Contains("DELETE"));
}

// Where a server takes no POST, the others of the group are none of our business.
TEST_F(BulkTest, OfAGroupTheOthersAreLetGo) {
    settings.group = "g1";
    file("Observation", line("Observation", "o1") + line("Observation", "theirs", "bob"));
    server.fail("Group/g1/$export", 405, 1);
    server.fail_with("Group/g1/$export", accepted("/job/1"), 1 << 20);
    offer_export();
    const Record record = whole();
    EXPECT_EQ(methods_at("Group/g1/$export"), (std::vector<std::string>{"POST", "GET"}));
    EXPECT_EQ(reason(record, "Observation/theirs"), "");
    EXPECT_EQ(kept(record), (std::vector<std::string>{"Observation/o1", "Patient/anna"}));
}

// A hospital's practitioners come along: those that the record leads to are of it.
TEST_F(BulkTest, OfWhatIsSharedTheReachedIsKept) {
    file("Organization",
         "{\"resourceType\":\"Organization\",\"id\":\"far\"}\n"
         "{\"resourceType\":\"Organization\",\"id\":\"near\"}\n");
    file("Practitioner",
         "{\"resourceType\":\"Practitioner\",\"id\":\"p\"}\n"
         "{\"resourceType\":\"Practitioner\",\"id\":\"stranger\"}\n");
    file("PractitionerRole",
         "{\"resourceType\":\"PractitionerRole\",\"id\":\"r\",\"practitioner\":{\"reference\":"
         "\"Practitioner/p\"},\"organization\":{\"reference\":\"Organization/near\"}}\n");
    file("Observation",
         line("Observation", "o", "anna", R"(,"performer":[{"reference":"PractitionerRole/r"}])"));
    file("Provenance",
         "{\"resourceType\":\"Provenance\",\"id\":\"v\",\"target\":[{\"reference\":\"Observation/"
         "o\"}]}\n"
         "{\"resourceType\":\"Provenance\",\"id\":\"w\",\"target\":[{\"reference\":\"Observation/"
         "x\"}]}\n");
    offer_export();
    const Record record = whole();
    EXPECT_EQ(kept(record),
              (std::vector<std::string>{"Observation/o", "Organization/near", "Patient/anna",
                                        "Practitioner/p", "PractitionerRole/r", "Provenance/v"}));
    EXPECT_TRUE(record.rejected.empty());
}

TEST_F(BulkTest, TheTokenGoesToTheSourcesOriginAlone) {
    file("Observation", line("Observation", "o"), std::nullopt, "https://store.example");
    file("Condition", line("Condition", "c"));
    offer_export();
    const Record record = whole();
    EXPECT_EQ(gap(record, "Observation/$export"), "other-origin");
    for (const fhir::HttpRequest& request : server.transport().requests())
        EXPECT_EQ(request.url.host(), "ehr.example");
}

TEST_F(BulkTest, AFileWithoutATokenIsFetchedWhereTheConfigurationListsIt) {
    settings.attachment_origins = {fhir::Url::parse("https://store.example").value()};
    file("Observation", line("Observation", "o"), std::nullopt, "https://store.example");
    server.fail_with("Patient/$export", accepted("/job/1"), 1 << 20);
    server.fail_with("/job/1",
                     testing::answer(200, "application/json",
                                     R"({"requiresAccessToken":false,"output":[)" + output_ + "]}"),
                     1 << 20);
    EXPECT_THAT(kept(whole()), Contains("Observation/o"));
}

TEST_F(BulkTest, WhatTheSourceSaysOfItsOwnWorkIsHeard) {
    file("Observation", line("Observation", "o") + line("Observation", "gone"));
    server.put_bytes("/files/deleted", "application/fhir+ndjson",
                     R"({"resourceType":"Bundle","type":"transaction","entry":[{"request":)"
                     R"({"method":"DELETE","url":"Observation/gone"}}]})");
    server.put_bytes(
        "/files/said", "application/fhir+ndjson",
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]})");
    offer_export(R"(,"deleted":[{"type":"Bundle","url":"https://ehr.example/files/deleted"}],
        "outcome":[{"url":"https://ehr.example/files/said"}])");
    const Record record = whole();
    EXPECT_EQ(reason(record, "Observation/gone"), "deleted");
    EXPECT_EQ(gap(record, "Patient/$export"), "");
}

TEST_F(BulkTest, AnErrorOfTheSourcesOwnWorkIsAGap) {
    file("Observation", line("Observation", "o"));
    server.put_bytes(
        "/files/lost", "application/fhir+ndjson",
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]})");
    offer_export(R"(,"outcome":[{"url":"https://ehr.example/files/lost"}])");
    const Record record = whole();
    EXPECT_EQ(gap(record, "Patient/$export"), "suppressed");
}

TEST_F(BulkTest, IsTakenByItselfWhereTheSourceOffersNothingElse) {
    settings.method = config::Pull::Method::Auto;
    const fhir::Json metadata = testing::json_of(
        R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"server",
            "resource":[{"type":"Patient","operation":[{"name":"export"}]},{"type":"Observation"}]}]})");
    file("Observation", line("Observation", "o"));
    offer_export();
    server.fail_with("metadata", testing::json_answer(200, metadata.print()), 1 << 20);
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Observation/o"));
    EXPECT_EQ(end_of(record, "Observation"), "complete");
}

TEST_F(BulkTest, IsNotAskedForWhereItIsNotWanted) {
    settings.method = config::Pull::Method::Auto;
    put_ours("Condition", "c");
    (void)whole();
    EXPECT_EQ(server.requests_for("$export"), 0u);
}

// Whether an export has what is about its resources, the standard's versions do not agree on.
TEST_F(BulkTest, ProvenanceThatAnExportLacksIsAskedForOrSaidNotToBeOffered) {
    put_ours("Condition", "c");
    file("Condition", line("Condition", "c"));
    offer_export();
    EXPECT_EQ(end_of(whole(), "Provenance"), "not-offered");
    pull_.reset();
    server.offer("Provenance", {"target"});
    server.put(R"({"resourceType":"Provenance","id":"1","target":[{"reference":"Condition/c"}]})");
    const Record record = whole();
    EXPECT_THAT(kept(record), Contains("Provenance/1"));
    EXPECT_EQ(end_of(record, "Provenance"), "complete");
}

TEST_F(BulkTest, ProvenanceThatAnExportHasIsNotAskedForAgain) {
    put_ours("Condition", "c");
    file("Condition", line("Condition", "c"));
    file("Provenance",
         R"({"resourceType":"Provenance","id":"1","target":[{"reference":"Condition/c"}]})"
         "\n");
    offer_export();
    server.offer("Provenance", {"target"});
    EXPECT_THAT(kept(whole()), Contains("Provenance/1"));
    EXPECT_EQ(server.requests_for("Provenance?"), 0u);
}

}  // namespace
}  // namespace consultd
