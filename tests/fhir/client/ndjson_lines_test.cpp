#include "fhir/client/ndjson_lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace consultd::fhir {
namespace {

// The lines of a text that comes in pieces of that size.
std::vector<std::string> lines_of(const std::string& text, std::size_t piece,
                                  std::size_t line_max = 100) {
    std::vector<std::string> lines;
    NdjsonLines reader(line_max, [&](std::string line) {
        lines.push_back(std::move(line));
        return Status();
    });
    for (std::size_t at = 0; at < text.size(); at += piece)
        EXPECT_TRUE(reader.feed(std::string_view(text).substr(at, piece)).ok());
    EXPECT_TRUE(reader.finish().ok());
    lines.push_back(std::to_string(reader.lines()) + " " + std::to_string(reader.too_long()));
    return lines;
}

TEST(NdjsonLines, AreTheSameHoweverTheFileIsCut) {
    const std::vector<std::string> wanted = {"{1}", "{2}\r", "{3}", "3 0"};
    for (std::size_t piece = 1; piece < 12; ++piece)
        EXPECT_EQ(lines_of("{1}\n\n{2}\r\n \n{3}", piece), wanted) << piece;
}

TEST(NdjsonLines, OneThatIsTooLongIsLetGoAndCounted) {
    const std::string text = "{1}\n" + std::string(1000, 'x') + "\n{2}\n";
    for (const std::size_t piece : {1U, 7U, 2000U})
        EXPECT_EQ(lines_of(text, piece), (std::vector<std::string>{"{1}", "{2}", "3 1"}));
}

}  // namespace
}  // namespace consultd::fhir
