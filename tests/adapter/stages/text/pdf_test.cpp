// A PDF is read by another process: what it says is believed as far as it goes, and whatever it
// does, we go on.
#include "adapter/stages/text/pdf.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/adapter/stages/text/pdf_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

TEST(Pdf, TextAndPagesAreReadAndPagesWithoutTextAreCounted) {
    const auto pdf = read_pdf(pdf_of({"Bone scan: no metastasis", "", "Signed"}));
    ASSERT_TRUE(pdf);
    EXPECT_EQ(pdf->pages, 3U);
    EXPECT_EQ(pdf->blank, 1U);
    EXPECT_EQ(pdf->unread, 0U);
    EXPECT_NE(pdf->shown.find("no metastasis"), std::string::npos);
    EXPECT_LT(pdf->shown.find('\f'), pdf->shown.find("Signed"));
}

TEST(Pdf, MorePagesThanTheLimitAreSaidToBeUnread) {
    const auto pdf = read_pdf(pdf_of(std::vector<std::string>(1003, "x")));
    ASSERT_TRUE(pdf);
    EXPECT_EQ(pdf->pages, 1003U);
    EXPECT_EQ(pdf->unread, 3U);
}

// A page of one word, and these objects beside it, numbered from 6.
std::string pdf_with(const std::string& of_catalog, const std::string& of_page,
                     const std::vector<std::string>& more) {
    std::vector<std::string> objects = {
        "<</Type/Catalog/Pages 2 0 R" + of_catalog + ">>", "<</Type/Pages/Count 1/Kids[4 0 R]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]" + of_page +
            "/Resources<</Font<</F 3 0 R>>>>/Contents 5 0 R>>",
        stream("BT /F 12 Tf 50 700 Td (Letter) Tj ET")};
    objects.insert(objects.end(), more.begin(), more.end());
    return pdf_of_objects(objects);
}

// Where words stand that are on no page, or not yet: none of them may be missed.
TEST(Pdf, WhatItsObjectsSayIsRead) {
    const std::string value = "/V(methadone)";
    const std::string sticky = "/Type/Annot/Rect[0 0 9 9]/Contents(methadone)";
    const std::string utf16 = "<FEFF006D00650074006800610064006F006E0065>";
    const std::pair<const char*, std::string> rows[] = {
        {"a note", pdf_with("", "/Annots[6 0 R]", {"<</Subtype/Text" + sticky + ">>"})},
        {"within the page", pdf_with("", "/Annots[<</Subtype/Text" + sticky + ">>]", {})},
        {"a reply to it",
         pdf_with("", "/Annots[6 0 R]", {"<</Subtype/Text/Rect[0 0 9 9]/RC(<p>methadone</p>)>>"})},
        {"a link", pdf_with("", "/Annots[6 0 R]",
                            {"<</Subtype/Link/Rect[0 0 9 9]/A<</URI(http://h/methadone)>>>>"})},
        {"a form's value", pdf_with("/AcroForm<</Fields[6 0 R]>>", "", {"<</T(a)" + value + ">>"})},
        {"in UTF-16", pdf_with("/AcroForm<</Fields[6 0 R]>>", "", {"<</T(a)/V" + utf16 + ">>"})},
        {"a field's name", pdf_with("/AcroForm<</Fields[6 0 R]>>", "", {"<</T(methadone)>>"})},
        {"XFA", pdf_with("/AcroForm<</XFA[(datasets) 6 0 R]>>", "", {stream("<a>methadone</a>")})},
        {"a layer", pdf_with("/OCProperties<</OCGs[6 0 R]>>", "", {"<</Name(methadone)>>"})},
        {"a picture", pdf_with("/StructTreeRoot 6 0 R", "", {"<</K<</Alt(methadone)>>>>"})},
        {"a script", pdf_with("/OpenAction<</S/JavaScript/JS(methadone)>>", "", {})},
    };
    for (const auto& [where, bytes] : rows) {
        const auto pdf = read_pdf(bytes);
        ASSERT_TRUE(pdf) << where;
        EXPECT_EQ(pdf->shown.find("methadone"), std::string::npos) << where;
        EXPECT_NE(pdf->beside.find("methadone"), std::string::npos) << where;
        EXPECT_EQ(pdf->unread, 0U) << where;
    }
}

// What is in it and is not read makes the whole unread, so that it is decided as such.
TEST(Pdf, AFileInItALayerThatIsOffAndAHiddenNoteAreSaidToBeUnread) {
    const std::string file = "<</Type/EmbeddedFile/Length 1>>\nstream\nx\nendstream";
    const std::string drawn =
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>\nstream\nx"
        "\nendstream";
    const std::pair<const char*, std::string> rows[] = {
        {"attached",
         pdf_with("/Names<</EmbeddedFiles<</Names[(a)<</EF<</F 6 0 R>>>>]>>>>", "", {file})},
        {"pinned to a page",
         pdf_with("", "/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</EF<</F 6 0 R>>>>>>]",
                  {file})},
        {"of the whole", pdf_with("/AF[7 0 R]", "", {file, "<</EF<</F 6 0 R>>>>"})},
        {"a layer",
         pdf_with("/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>", "", {"<</Type/OCG/Name(a)>>"})},
        {"every layer", pdf_with("/OCProperties<</OCGs[6 0 R]/D<</BaseState/OFF>>>>", "",
                                 {"<</Type/OCG/Name(a)>>"})},
        {"a note",
         pdf_with("", "/Annots[<</Subtype/Stamp/F 2/Rect[0 0 9 9]/AP<</N 6 0 R>>>>]", {drawn})},
    };
    for (const auto& [where, bytes] : rows) {
        const auto pdf = read_pdf(bytes);
        ASSERT_TRUE(pdf) << where;
        EXPECT_EQ(pdf->unread, 1U) << where;
    }
    EXPECT_EQ(read_pdf(pdf_with("/OCProperties<</OCGs[6 0 R]/D<</ON[6 0 R]>>>>",
                                "/Annots[<</Subtype/Stamp/F 4/Rect[0 0 9 9]/AP<</N 7 0 R>>>>]",
                                {"<</Type/OCG/Name(a)>>", drawn}))
                  ->unread,
              0U);
}

// What readers of PDFs have fallen over: rings, depths, lies.
TEST(Pdf, AHostilePdfCostsLittleAndHarmsNothing) {
    const std::string ring = pdf_of_objects(
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 9999999/Kids[2 0 R 2 0 R]>>"});
    const std::string deep = "%PDF-1.4\n1 0 obj\n" + std::string(200000, '[') + "\nendobj\n";
    const std::string form = pdf_of_objects(
        {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
         "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"
         "/Contents 5 0 R>>",
         "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"
         "/Length 12>>\nstream\n/X Do /X Do \nendstream",
         stream("/X Do /X Do /X Do")});
    std::string noise = "%PDF-1.4\n";
    for (unsigned i = 0; i < 50000; ++i) noise += static_cast<char>(i * 2654435761U >> 24U);
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& bytes : {ring, deep, form, noise, std::string("%PDF-"),
                                     pdf_of({"x"}, "", "/Encrypt<</Filter/Standard/V 9>>")})
        if (const auto pdf = read_pdf(bytes)) {
            EXPECT_LT(pdf->shown.size(), 1000U);
        }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
    EXPECT_TRUE(read_pdf(pdf_of({"still here"})));
}

}  // namespace
}  // namespace consultd
