// A report can be read whatever form it has, and opened from the page where there is room.
#include <gtest/gtest.h>

#include "fhir/base/crypto.h"
#include "tests/adapter/stages/page/page_text.h"
#include "tests/adapter/stages/text/pdf_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string report(const std::string& name, const std::string& more,
                   const std::string& status = "final") {
    return R"({"resourceType":"DiagnosticReport","id":")" + id_of(name) + R"(","status":")" +
           status +
           R"(","category":[{"coding":[{"code":"RAD"}]}],"effectiveDateTime":"2026-11-10",)"
           R"("code":{"text":")" +
           name + R"("})" + more + "}";
}
std::string form(const std::string& type, const std::string& bytes) {
    return R"(,"presentedForm":[{"title":"the file","contentType":")" + type + R"(","data":")" +
           crypto::base64(bytes) + R"("}])";
}

TEST(Reports, TheWordsOfAReportStandOnThePageWhateverItsForm) {
    const Said said(
        {report("Bone scan", form("text/html", "<p>no bone lesion<script>x()</script>")),
         report("Head MRI", form("text/rtf", R"({\rtf1{\fonttbl{\f0 Arial;}}two lesions})")),
         report("Chest CT", R"(,"conclusionCode":[{"text":"Pulmonary embolism"}])")});
    EXPECT_TRUE(has(said.lists(), "no bone lesion"));
    EXPECT_TRUE(has(said.lists(), "two lesions"));
    EXPECT_FALSE(has(said.page(), "x()") || has(said.page(), "Arial"));
    for (const char* opening : {"no bone lesion", "two lesions", "Pulmonary embolism"})
        EXPECT_TRUE(has(said.fact("Reports, latest"), opening)) << opening;
    EXPECT_TRUE(has(said.narratives(), "Pulmonary embolism"));
}

TEST(Reports, AReportThatIsAFileAloneIsNamedAndOpens) {
    const Said said({report("PET", form("application/pdf", "%PDF-1.4 x"))});
    EXPECT_TRUE(has(said.fact("Reports, latest"), "PET"));
    EXPECT_TRUE(has(said.lists(), "the file, PDF, 1 KiB"));
    EXPECT_TRUE(has(said.html(), ".pdf\" href=\"data:application/pdf;base64," +
                                     crypto::base64("%PDF-1.4 x") + '"'));
}

// A click on it is safe whatever the file is: not what it calls itself decides under which name it
// is saved, and not the type that it claims.
TEST(Reports, AFileIsSavedUnderANameOfOursWithTheSuffixThatItsBytesProve) {
    const std::string program = std::string("MZ\x90\0", 4) + "program";
    for (const char* title : {"report.pdf.exe", "x.hta", "letter.html", "../../.bashrc",
                              "Befund\u202efdp.exe", "a.lnk"})
        for (const char* type : {"application/pdf", "image/png", "text/plain", "text/html"}) {
            const Said said({report("PET", R"(,"presentedForm":[{"title":")" + std::string(title) +
                                               R"(","contentType":")" + type + R"(","data":")" +
                                               crypto::base64(program) + R"("}])")});
            const std::string html = said.html();
            const std::size_t at = html.find("download=\"");
            ASSERT_NE(at, std::string::npos) << title << type;
            const std::string link = html.substr(at + 10, html.find('>', at) - at - 10);
            EXPECT_TRUE(link.starts_with("source-")) << link;
            EXPECT_EQ(link.substr(link.find('.'), link.find(',') - link.find('.')),
                      ".bin\" href=\"data:application/octet-stream;base64")
                << link;
        }
}

// A scan looks like a report and says nothing to whoever searches it, or reads the page alone.
TEST(Reports, ThePagesOfAPdfStandOnThePageAndAScanSaysThatItHasNoText) {
    const Said said(
        {report("PET", form("application/pdf", pdf_of({"No new lesion (5 mm)", "Dr. A"}))),
         report("Old CT", form("application/pdf", pdf_of({"", ""}))),
         report("Letter", form("application/pdf", pdf_of({"Dear colleague", ""})))});
    EXPECT_TRUE(has(said.lists(), "No new lesion")) << said.lists();
    EXPECT_TRUE(has(said.lists(), "2 pages; its text as read from the PDF"));
    EXPECT_TRUE(has(said.fact("Reports, latest"), "No new lesion"));
    EXPECT_TRUE(has(said.lists(), "2 pages; no text in it: pictures"));
    EXPECT_TRUE(has(said.lists(), "2 pages; 1 of them without text: pictures"));
    EXPECT_TRUE(has(said.html(), "href=\"data:application/pdf;base64,"));
}

// A browser runs what an HTML or SVG file holds: it is handed over as bytes.
TEST(Reports, AFileThatCouldRunIsSavedAsBytesAlone) {
    const Said said({report("US", form("text/html", "<script>x()</script>seen")),
                     report("XR", form("image/svg+xml", "<svg onload='x()'/>"))});
    EXPECT_FALSE(has(said.html(), "data:text/html") || has(said.html(), "data:image/svg"));
    EXPECT_TRUE(has(said.html(), "data:application/octet-stream"));
}

TEST(Reports, AFileForWhichThePageHasNoRoomSaysWhereItIs) {
    const Said said(
        {report("PET", form("application/pdf", std::string(std::size_t{2} << 20, 'x')))});
    EXPECT_TRUE(
        has(said.lists(), "too large for this page: the whole file travels with this packet"));
    EXPECT_LT(said.html().size(), std::size_t{1} << 20);
}

TEST(Reports, OnlyAReportThatIsFinalIsAmongTheLatestAndEachSaysWhereItStands) {
    const std::string text = R"(,"conclusion":"seen")";
    const Said said({report("CT liver", text), report("CT spine", text, "amended"),
                     report("CT head", text, "preliminary"), report("CT arm", text, "cancelled")});
    EXPECT_TRUE(has(said.fact("Reports, latest"), "CT liver"));
    EXPECT_TRUE(has(said.fact("Reports, latest"), "CT spine amended"));
    EXPECT_FALSE(has(said.first_screen(), "CT head") || has(said.first_screen(), "CT arm"));
    EXPECT_TRUE(has(said.lists(), "CT head preliminary"));
    EXPECT_TRUE(has(said.lists(), "CT arm cancelled"));
}

TEST(Reports, ADocumentThatWasReplacedOrIsUnsignedSaysSo) {
    const auto letter = [](const std::string& name, const std::string& status) {
        return R"({"resourceType":"DocumentReference","id":")" + id_of(name) + R"(",)" + status +
               R"(,"type":{"text":")" + name + R"("},"description":"by Dr. Vale","content":[]})";
    };
    const Said said({letter("Letter", R"("status":"current")"),
                     letter("Old", R"("status":"superseded")"),
                     letter("Note", R"("status":"current","docStatus":"preliminary")")});
    EXPECT_TRUE(has(said.lists(), "Old superseded"));
    EXPECT_TRUE(has(said.lists(), "Note preliminary"));
    EXPECT_TRUE(has(said.lists(), "by Dr. Vale"));
}

TEST(Reports, WhatPlansGoalsAndAnswersHoldIsShown) {
    const Said said(
        {R"({"resourceType":"CarePlan","id":"c","status":"active","intent":"plan","title":"After surgery",
             "activity":[{"detail":{"status":"not-started","code":{"text":"Physiotherapy"},
             "description":"twice a week"}}],"note":[{"text":"call first"}]})",
         R"({"resourceType":"Goal","id":"g","lifecycleStatus":"active","description":{"text":"Walk 1 km"},
             "target":[{"dueDate":"2027-01-01"}]})",
         R"({"resourceType":"QuestionnaireResponse","id":"q","status":"completed","questionnaire":"phq",
             "item":[{"text":"Pain","answer":[{"valueInteger":3}]}]})",
         R"({"resourceType":"RiskAssessment","id":"r","status":"final","code":{"text":"FRAX"},
             "prediction":[{"outcome":{"text":"hip fracture"},"probabilityDecimal":4.20}]})"});
    for (const char* text : {"Physiotherapy: twice a week, not-started", "call first",
                             "due 1 Jan 2027", "Pain: 3", "hip fracture, probability 4.20"})
        EXPECT_TRUE(has(said.lists(), text)) << text;
}

}  // namespace
}  // namespace consultd
