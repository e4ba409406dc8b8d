// Attachments as they are, and only this patient's.
#include <gmock/gmock.h>

#include "adapter/stages/pull/attachment_bytes.h"
#include "fhir/base/crypto.h"
#include "pull_fixture.h"

namespace consultd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AttachmentTest : public PullTest {
protected:
    void put_document(const std::string& id, const std::string& attachment) {
        put_ours("DocumentReference", id, R"("content":[{"attachment":{)" + attachment + "}}]");
    }
    static std::string bytes_of(const Record& record, const std::string& name) {
        for (const PulledResource& pulled : record.resources)
            if (pulled.source == name)
                return crypto::from_base64(pulled.resource["data"].string()).value_or("?");
        return "absent";
    }
};

TEST_F(AttachmentTest, BytesAreKeptInWhateverFormTheyCome) {
    put_document("raw", R"("contentType":"application/pdf","url":"Binary/raw","size":3,"hash":")" +
                            crypto::base64(crypto::sha1("PDF")) + "\"");
    put_document("json", R"("url":"https://ehr.example/fhir/Binary/json")");
    put_document("file", R"("contentType":"text/plain","url":"https://ehr.example/files/7")");
    server.put_bytes("/fhir/Binary/raw", "application/pdf", "PDF");
    server.put_bytes(
        "/fhir/Binary/json", "application/fhir+json",
        R"({"resourceType":"Binary","id":"json","contentType":"text/rtf","data":"UlRG"})");
    server.put_bytes("/files/7", "text/plain", "note");
    const Record record = whole();
    EXPECT_EQ(bytes_of(record, "Binary/raw"), "PDF");
    EXPECT_EQ(bytes_of(record, "Binary/json"), "RTF");
    EXPECT_EQ(bytes_of(record, "https://ehr.example/files/7"), "note");
    for (const Gap& found : record.gaps)
        EXPECT_EQ(found.reason.view(), "not-offered") << found.what;
}

// An attachment's URL may lead to any resource of the source: what it brings is proven as well.
TEST_F(AttachmentTest, AnotherPatientsResourceIsNotKeptAsBytesEither) {
    const std::string bob =
        R"({"resourceType":"Observation","id":"x","subject":{"reference":"Patient/bob"}})";
    const std::string ours =
        R"({"resourceType":"Observation","id":"x","subject":{"reference":"Patient/anna"}})";
    const auto document = [](const std::string& mrn) {
        return R"({"resourceType":"Bundle","type":"document","entry":[{"resource":
            {"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":")" +
               mrn + R"("}]}}]})";
    };
    server.put(bob);
    const std::pair<const char*, std::string> files[] = {
        {"/files/1", bob},
        {"/files/2", ours},
        {"/files/3", document("2")},
        {"/files/4", document("1")},
        {"/files/5", " \n" + bob},
        {"/files/6", R"({"no":"FHIR"})"},
        {"/files/7",
         R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic"}}]})"},
        {"/files/8", R"({"resourceType":"Binary","contentType":"text/plain","data":"QUJD",
                         "securityContext":{"reference":"Patient/bob"}})"}};
    put_document("0", R"("url":"Observation/x")");
    for (const auto& [path, text] : files) {
        put_document(std::string(path).substr(7),
                     R"("url":"https://ehr.example)" + std::string(path) + "\"");
        server.put_bytes(path, "application/fhir+json", text);
    }
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/0 attachment 1"), "not-an-attachment");
    for (const char* id : {"1", "3", "5", "7", "8"})
        EXPECT_EQ(gap(record, "DocumentReference/" + std::string(id) + " attachment 1"),
                  "unproven-patient")
            << id;
    for (const char* id : {"2", "4", "6"}) {
        const std::string url = "https://ehr.example/files/" + std::string(id);
        EXPECT_NE(bytes_of(record, url), "absent") << id;
    }
    EXPECT_EQ(reason(record, "https://ehr.example/files/1"), "wrong-patient");
    EXPECT_EQ(reason(record, "https://ehr.example/files/7"), "unproven-patient");
    EXPECT_EQ(reason(record, "https://ehr.example/files/8"), "wrong-patient");
}

// https://hl7.org/fhir/R4/binary.html#rest: X-Security-Context is Binary.securityContext where the
// bytes come as they are.
TEST_F(AttachmentTest, BytesThatTheSourcesHeaderSaysAreAnothersAreNotKept) {
    const auto answer_with = [&](const std::string& id, const std::string& whose) {
        put_document(id, R"("contentType":"text/plain","url":"Binary/)" + id + "\"");
        fhir::HttpResponse answer{200, {}, "a note"};
        answer.headers.add("Content-Type", "text/plain").add("X-Security-Context", whose);
        server.fail_with("Binary/" + id, answer, 1 << 20);
    };
    answer_with("b1", "Patient/bob");
    answer_with("b2", "https://ehr.example/fhir/Patient/bob");
    answer_with("b3", "Patient/anna");
    const Record record = whole();
    for (const std::string id : {"b1", "b2"}) {
        EXPECT_EQ(gap(record, "DocumentReference/" + id + " attachment 1"), "unproven-patient");
        EXPECT_EQ(reason(record, "Binary/" + id), "wrong-patient");
    }
    EXPECT_EQ(bytes_of(record, "Binary/b3"), "a note");
}

TEST_F(AttachmentTest, ABinaryOfAnotherIdIsNotTheOneThatWasAskedFor) {
    put_document("d", R"("contentType":"text/plain","url":"Binary/b1")");
    server.put_bytes(
        "/fhir/Binary/b1", "application/fhir+json",
        R"({"resourceType":"Binary","id":"other","contentType":"text/plain","data":"QUJD"})");
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/d attachment 1"), "other-resource");
    EXPECT_EQ(bytes_of(record, "Binary/b1"), "absent");
}

TEST_F(AttachmentTest, DamagedBytesAreAskedForOnceMoreAndNeverKept) {
    put_document("d",
                 R"("url":"Binary/b","hash":")" + crypto::base64(crypto::sha1("right")) + "\"");
    server.put_bytes("/fhir/Binary/b", "text/plain", "wrong");
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/d attachment 1"), "hash-mismatch");
    EXPECT_EQ(bytes_of(record, "Binary/b"), "absent");
    EXPECT_EQ(server.requests_for("Binary/b"), 2u);
}

TEST_F(AttachmentTest, WhatCannotBeHadIsAGapAndNothingGoesElsewhere) {
    put_document("foreign", R"("url":"https://files.example/1")");
    put_document("gone", R"("url":"Binary/gone")");
    put_document("script", "\"url\":\"javascript:alert(1)\"");
    put_document("short", R"("url":"Binary/short","size":99)");
    server.put_bytes("/fhir/Binary/short", "text/plain", "cut");
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/foreign attachment 1"), "foreign-host");
    EXPECT_EQ(gap(record, "DocumentReference/gone attachment 1"), "http-404");
    EXPECT_EQ(gap(record, "DocumentReference/script attachment 1"), "bad-url");
    EXPECT_EQ(gap(record, "DocumentReference/short attachment 1"), "size-mismatch");
    for (const std::string& line : server.transport().log())
        EXPECT_TRUE(line.starts_with("GET https://ehr.example/")) << line;
}

// The same scan stands in a report and in a document.
TEST_F(AttachmentTest, BytesThatTwoLeadToAreAGapOfBoth) {
    put_document("d", R"("url":"Binary/gone")");
    put_ours("DiagnosticReport", "r", R"("presentedForm":[{"url":"Binary/gone"}])");
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/d attachment 1"), "http-404");
    EXPECT_EQ(gap(record, "DiagnosticReport/r attachment 1"), "http-404");
    EXPECT_EQ(server.requests_for("Binary/gone"), 1u);
}

TEST_F(AttachmentTest, TooLargeAttachmentIsAGap) {
    limits.attachment_bytes = 10;
    put_document("d", R"("url":"Binary/b")");
    server.put_bytes("/fhir/Binary/b", "text/plain", std::string(11, 'x'));
    EXPECT_EQ(gap(whole(), "DocumentReference/d attachment 1"), "too-large");
}

TEST_F(AttachmentTest, ResumedPullDoesNotFetchAgain) {
    put_document("a", R"("url":"Binary/a")");
    put_document("b", R"("url":"Binary/b")");
    server.put_bytes("/fhir/Binary/a", "text/plain", "A");
    server.put_bytes("/fhir/Binary/b", "text/plain", "B");
    server.fail("Binary/b", 503, 1);
    EXPECT_FALSE(run());
    const Record record = whole();
    EXPECT_EQ(bytes_of(record, "Binary/b"), "B");
    EXPECT_EQ(server.requests_for("Binary/a"), 1u);
}

// An URL with a query is the right to what it names, and another one at each pull.
TEST_F(AttachmentTest, ASignedUrlIsWrittenNowhereAndItsBytesGoByTheirContent) {
    const auto pulled = [&](const std::string& signature) {
        pull_.reset();
        put_document("d", R"("contentType":"text/plain","url":"https://ehr.example/files/7?sig=)" +
                              signature + "\"");
        put_document("gone",
                     R"("title":"t","url":"https://ehr.example/files/8?sig=)" + signature + "\"");
        server.put_bytes("/files/7", "text/plain", "note");
        const Record record = whole();
        std::string all;
        for (const PulledResource& one : record.resources)
            all += one.source + " " + one.full_url + " " + one.resource.json().print() + "\n";
        for (const Gap& found : record.gaps) all += found.what + "\n";
        return all;
    };
    const std::string first = pulled("abcdef-first");
    EXPECT_THAT(first, Not(HasSubstr("abcdef")));
    EXPECT_THAT(first, HasSubstr(crypto::base64("note")));
    EXPECT_THAT(first, HasSubstr(R"("url":"urn:uuid:)"));
    EXPECT_THAT(first, HasSubstr("DocumentReference/gone attachment 1"));
    EXPECT_EQ(pulled("another"), first);
}

// A long pull outlives what its first pages had.
TEST_F(AttachmentTest, ASignedUrlThatHasExpiredIsAskedForAnewOnce) {
    put_document("d", R"("contentType":"text/plain","url":"https://ehr.example/files/7?sig=old")");
    put_document("e", R"("contentType":"text/plain","url":"https://ehr.example/files/8?sig=old")");
    server.put_bytes("/files/7", "text/plain", "note");
    server.fail("/files/8", 403);
    server.fail_with("/files/7?sig=old", testing::answer(403, "text/plain", ""), 1 << 20);
    server.answer_then("/files/7?sig=old", [&] {
        put_document("d",
                     R"("contentType":"text/plain","url":"https://ehr.example/files/7?sig=new")");
    });
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/d attachment 1"), "");
    EXPECT_EQ(gap(record, "DocumentReference/e attachment 1"), "http-403");
    EXPECT_EQ(server.requests_for("/fhir/DocumentReference/e"), 1u);
    bool has_note = false;
    for (const PulledResource& one : record.resources)
        has_note = has_note || one.resource["data"].string() == crypto::base64("note");
    EXPECT_TRUE(has_note);
}

// Of another patient's document, as the Binary itself says; the document is read to find out.
TEST_F(AttachmentTest, BytesOfAnotherPatientsDocumentAreNotOurs) {
    put_document("d", R"("url":"Binary/b")");
    server.put(
        R"({"resourceType":"DocumentReference","id":"bobs","subject":{"reference":"Patient/bob"}})");
    server.put(R"({"resourceType":"Binary","id":"b","contentType":"text/plain","data":"QUJD",
                   "securityContext":{"reference":"DocumentReference/bobs"}})");
    const Record record = whole();
    EXPECT_EQ(bytes_of(record, "Binary/b"), "absent");
    EXPECT_EQ(reason(record, "Binary/b"), "unproven-patient");
}

TEST_F(AttachmentTest, APageToSignInAtIsNoDocumentWhateverWasTold) {
    const std::string told[] = {R"("contentType":"text/html",)", ""};
    for (int i = 0; i < 2; ++i)
        put_document("d" + std::to_string(i),
                     told[i] + R"("url":"Binary/)" + std::to_string(i) + "\"");
    put_document("note", R"("contentType":"text/html","url":"Binary/note")");
    for (const char* path : {"/fhir/Binary/0", "/fhir/Binary/1"})
        server.put_bytes(path, "text/html",
                         "<html><form><input name=u><input TYPE=\"password\"></form></html>");
    server.put_bytes("/fhir/Binary/note", "text/html", "<html><p>Discharged well.</p></html>");
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/d0 attachment 1"), "web-page");
    EXPECT_EQ(gap(record, "DocumentReference/d1 attachment 1"), "web-page");
    EXPECT_NE(bytes_of(record, "Binary/note"), "absent");
}

TEST_F(AttachmentTest, AnotherOriginIsAskedOnlyWhereItIsListedAndWithoutAToken) {
    settings.attachment_origins = {fhir::Url::parse("https://store.example").value()};
    put_document("listed", R"("contentType":"text/plain","url":"https://store.example/files/1")");
    put_document("other", R"("url":"https://elsewhere.example/files/1")");
    server.put_bytes("/files/1", "text/plain", "note");
    const Record record = whole();
    EXPECT_EQ(bytes_of(record, "https://store.example/files/1"), "note");
    EXPECT_EQ(gap(record, "DocumentReference/other attachment 1"), "foreign-host");
    for (const fhir::HttpRequest& request : server.transport().requests())
        if (request.url.host() != "ehr.example") {
            EXPECT_EQ(request.url.host(), "store.example");
            EXPECT_FALSE(request.headers.find("Authorization"));
        }
}

// Our token was led to fetch another patient's data by what an Attachment said.
TEST_F(AttachmentTest, AResourceOrASearchIsNoAttachmentAndIsNotAskedFor) {
    const char* urls[] = {"Observation/x",           "Observation?patient=bob",
                          "Patient/bob/$everything", "https://ehr.example/fhir/Patient/bob",
                          "%4fbservation/x",         ""};
    int n = 0;
    for (const char* url : urls)
        if (*url) put_document("d" + std::to_string(n++), R"("url":")" + std::string(url) + "\"");
    const std::size_t asked = server.requests_for("bob");
    const Record record = whole();
    for (int i = 0; i < n; ++i)
        EXPECT_EQ(gap(record, "DocumentReference/d" + std::to_string(i) + " attachment 1"),
                  "not-an-attachment")
            << urls[i];
    EXPECT_EQ(server.requests_for("bob"), asked);
    EXPECT_EQ(server.requests_for("Observation/x"), 0u);
}

TEST_F(AttachmentTest, ASignInPageIsNoPdfAndNothingIsNoDocument) {
    put_document("d", R"("contentType":"application/pdf","url":"Binary/page")");
    put_document("e", R"("contentType":"application/pdf","url":"Binary/nothing")");
    server.put_bytes("/fhir/Binary/page", "text/html", "<!DOCTYPE html><title>Sign in</title>");
    server.put_bytes("/fhir/Binary/nothing", "application/pdf", "");
    const Record record = whole();
    EXPECT_EQ(gap(record, "DocumentReference/d attachment 1"), "type-mismatch");
    EXPECT_EQ(gap(record, "DocumentReference/e attachment 1"), "empty-answer");
    EXPECT_EQ(bytes_of(record, "Binary/page"), "absent");
}

TEST_F(AttachmentTest, ABinaryInXmlIsUnwrapped) {
    put_document("d", R"("contentType":"text/plain","url":"Binary/x")");
    server.put_bytes("/fhir/Binary/x", "application/fhir+xml",
                     R"(<Binary xmlns="http://hl7.org/fhir"><id value="x"/>)"
                     R"(<contentType value="text/plain"/><data value="bm90ZQ=="/></Binary>)");
    EXPECT_EQ(bytes_of(whole(), "Binary/x"), "note");
}

// Oracle Health refuses what it does not produce.
TEST_F(AttachmentTest, AFormThatIsRefusedIsAskedForInAnother) {
    put_document("d", R"("contentType":"text/plain","url":"Binary/x")");
    server.put_bytes("/fhir/Binary/x", "text/plain", "note");
    server.fail("Binary/x", 406, 1);
    EXPECT_EQ(bytes_of(whole(), "Binary/x"), "note");
    std::vector<std::string> accepts;
    for (const fhir::HttpRequest& request : server.transport().requests())
        if (request.url.path().ends_with("Binary/x"))
            accepts.emplace_back(request.headers.find("Accept").value_or(""));
    EXPECT_EQ(accepts,
              (std::vector<std::string>{"text/plain, */*;q=0.5", "application/fhir+json"}));
}

TEST(AttachmentBytes, HashesAreTakenAsServersGiveThem) {
    const FetchedBytes note{"text/plain", "note", {}};
    const auto held = [&](const std::string& hash) {
        const auto why =
            mismatch({.owner = "o", .url = "u", .content_type = "", .hash = hash}, note);
        return why ? std::string(why->view()) : "fits";
    };
    EXPECT_EQ(held(crypto::base64(crypto::sha1("note"))), "fits");
    EXPECT_EQ(held(crypto::hex(crypto::sha1("note"))), "fits");
    EXPECT_EQ(held(crypto::base64(crypto::sha256("note"))), "fits");
    EXPECT_EQ(held(crypto::hex(crypto::sha256("note"))), "fits");
    EXPECT_EQ(held(crypto::hex(crypto::sha1("other"))), "hash-mismatch");
    EXPECT_EQ(held(crypto::base64(crypto::sha256("other"))), "hash-mismatch");
}

TEST(AttachmentBytes, TypesAreToldByTheirFirstBytes) {
    EXPECT_EQ(sniffed_type("%PDF-1.7"), "application/pdf");
    EXPECT_EQ(sniffed_type("\xff\xd8\xff\xe0"), "image/jpeg");
    EXPECT_EQ(sniffed_type("{\\rtf1"), "application/rtf");
    EXPECT_EQ(sniffed_type(" \n<HTML>"), "text/html");
    EXPECT_EQ(sniffed_type("a note"), "");
}

}  // namespace
}  // namespace consultd
