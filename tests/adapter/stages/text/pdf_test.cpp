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
