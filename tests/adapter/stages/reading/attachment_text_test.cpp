// A report is readable whatever form it has, and nothing but its words comes out of it.
#include "adapter/stages/reading/attachment_text.h"

#include <gtest/gtest.h>

#include "fhir/base/crypto.h"

namespace consultd {
namespace {

std::string text_of(const std::string& type, const std::string& bytes) {
    return attachment_text(*fhir::Json::parse(R"({"contentType":")" + type + R"(","data":")" +
                                              crypto::base64(bytes) + R"("})"),
                           PacketIndex({}));
}

TEST(AttachmentText, HtmlIsReadAsItsBlocksWellFormedOrNot) {
    EXPECT_EQ(text_of("text/html; charset=utf-8",
                      "<html><head><title>x</title></head><body><h1>MRI<p>Two new &lt;1 cm "
                      "lesions.<br>No edema&nbsp;seen<ul><li>left<li>right</ul>"),
              "MRI\nTwo new <1 cm lesions.\nNo edema seen\n- left\n- right");
    EXPECT_EQ(text_of("text/html", "<table><tr><td>Hb</td><td>9.1</td></tr></table>"),
              "Hb | 9.1 |");
}

TEST(AttachmentText, WhatRunsOrStylesIsNotText) {
    EXPECT_EQ(text_of("text/html",
                      "a<script>if (x<y) alert('</p>')</script>b<STYLE>p{}</STYLE>c"
                      "<!-- d <p> -->e<img src=x onerror=alert(1)>"),
              "abce [picture]");
    for (const char* broken :
         {"<", "<p", "&", "&#x110000;", "<script>", "<!--", "{\\rtf1 \\", "{\\rtf1\\'"})
        EXPECT_LE(text_of("text/html", broken).size(), 12U) << broken;
}

TEST(AttachmentText, RtfIsReadWithoutItsFontsAndPictures) {
    EXPECT_EQ(
        text_of("text/rtf", R"({\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator Word;}\f0\fs20 )"
                            R"(Bone scan: \b no bone metastasis\b0 .\par )"
                            R"(Gr\'f6\'dfe 3 \u8804? 5{\pict 89504e47}})"),
        "Bone scan: no bone metastasis.\nGröße 3 ≤ 5 [picture]");
    EXPECT_EQ(text_of("application/rtf", "not rtf"), "");
}

TEST(AttachmentText, ACcdaDocumentIsReadByTheTextOfItsSections) {
    EXPECT_EQ(text_of("application/xml",
                      "<ClinicalDocument><title>Summary</title><section><title>Plan</title><text>"
                      "<paragraph>See again</paragraph></text><entry><observation><code/>"
                      "</observation></entry></section></ClinicalDocument>"),
              "Summary\nPlan\nSee again");
}

TEST(AttachmentText, BytesThatAreNotWhatTheySayAreNotShown) {
    EXPECT_EQ(text_of("text/plain", "\xff\xfe"), "");
    EXPECT_EQ(text_of("text/plain; charset=iso-8859-1", "Gr\xf6\xdf"), "Größ");
    EXPECT_EQ(text_of("application/pdf", "%PDF-1.4"), "");
    EXPECT_EQ(text_of("application/dicom", "DICM"), "");
}

}  // namespace
}  // namespace consultd
