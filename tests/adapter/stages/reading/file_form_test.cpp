// What a file is saved as is what its bytes prove.
#include "adapter/stages/reading/file_form.h"

#include <gtest/gtest.h>

#include <string>

namespace consultd {
namespace {

std::string_view suffix(std::string_view type, std::string_view bytes) {
    return file_form(type, bytes).suffix.view();
}

TEST(FileForm, BytesThatAreWhatTheyAreHaveTheirSuffixWhateverTheyAreCalled) {
    for (const char* said : {"", "application/pdf", "text/html", "application/x-msdownload"}) {
        EXPECT_EQ(suffix(said, "%PDF-1.7 x"), ".pdf") << said;
        EXPECT_EQ(suffix(said, "\x89PNG\r\n\x1a\n x"), ".png") << said;
        EXPECT_EQ(suffix(said, "\xff\xd8\xff\xe0"), ".jpg") << said;
        EXPECT_EQ(suffix(said, std::string("II*\0", 4)), ".tif") << said;
        EXPECT_EQ(suffix(said, R"({\rtf1 x})"), ".rtf") << said;
        EXPECT_EQ(suffix(said, std::string(128, '\0') + "DICM"), ".dcm") << said;
    }
}

TEST(FileForm, TextIsWhatSaysSoAndHasNoControlCharacters) {
    EXPECT_EQ(suffix("text/plain; charset=utf-8", "Sehr geehrte\r\n\tKollegin \xc3\xa4"), ".txt");
    EXPECT_EQ(suffix("text/plain", std::string("MZ\x90\0", 4)), ".bin");
    EXPECT_EQ(suffix("text/html", "<script>x()</script>"), ".bin");
    EXPECT_EQ(suffix("", "words"), ".bin");
}

TEST(FileForm, NothingThatShowsOrRunsByItselfIsAType) {
    EXPECT_EQ(file_form("text/html", "<p>").type.view(), "application/octet-stream");
    EXPECT_EQ(file_form("image/svg+xml", "<svg>").type.view(), "application/octet-stream");
    EXPECT_EQ(file_form("application/pdf", "MZ").type.view(), "application/octet-stream");
    EXPECT_EQ(file_form("application/pdf", "").suffix.view(), ".bin");
}

}  // namespace
}  // namespace consultd
