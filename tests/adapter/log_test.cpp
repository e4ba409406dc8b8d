#include "adapter/log.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd {
namespace {

// What could hold a patient's data is no log value: it does not compile.
static_assert(!std::is_constructible_v<LogValue, std::string>);
static_assert(!std::is_constructible_v<LogValue, const std::string&>);
static_assert(!std::is_constructible_v<LogValue, std::string_view>);
static_assert(!std::is_constructible_v<LogValue, const char*>);
static_assert(!std::is_constructible_v<LogValue, char*>);
static_assert(!std::is_constructible_v<LogValue, fhir::Json>);
static_assert(!std::is_constructible_v<LogValue, fhir::JsonView>);
static_assert(!std::is_constructible_v<StaticText, std::string>);
static_assert(!std::is_constructible_v<LogField, std::string, int>);
static_assert(!std::is_constructible_v<ConfigName, std::string>);
static_assert(!std::is_constructible_v<ConfigName, std::string_view>);
static_assert(std::is_constructible_v<LogValue, int>);
static_assert(std::is_constructible_v<LogValue, std::uint64_t>);
static_assert(std::is_constructible_v<LogValue, bool>);
static_assert(std::is_constructible_v<LogValue, Milliseconds>);
static_assert(std::is_constructible_v<LogValue, ErrorKind>);
static_assert(std::is_constructible_v<LogValue, OwnId>);

const std::string id = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b";

template <class Write>
std::string written(Log::Level least, Write write) {
    ::testing::internal::CaptureStderr();
    write(*make_stderr_log(least));
    return ::testing::internal::GetCapturedStderr();
}

TEST(LogTest, ALineIsOneJsonObject) {
    const std::string line = written(Log::Level::Info, [](Log& log) {
        log.info("pulled", {{"transfer", OwnId(id)},
                            {"pages", 7},
                            {"below", -1},
                            {"complete", true},
                            {"elapsed_ms", Milliseconds(1500)},
                            {"kind", ErrorKind::Unavailable},
                            {"quoted", "a \"literal\" with \\"}});
    });
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const Result<fhir::Json> json = fhir::Json::parse(line.substr(0, line.size() - 1));
    ASSERT_TRUE(json.ok()) << line;
    EXPECT_TRUE(parse_instant((*json)["ts"].string())) << line;
    EXPECT_EQ((*json)["level"].string(), "info");
    EXPECT_EQ((*json)["event"].string(), "pulled");
    EXPECT_EQ((*json)["transfer"].string(), id);
    EXPECT_EQ((*json)["pages"].integer(), 7);
    EXPECT_EQ((*json)["below"].integer(), -1);
    EXPECT_TRUE((*json)["complete"].is_true());
    EXPECT_EQ((*json)["elapsed_ms"].integer(), 1500);
    EXPECT_EQ((*json)["quoted"].string(), "a \"literal\" with \\");
}

TEST(LogTest, LessThanTheLeastLevelIsNotWritten) {
    const std::string lines = written(Log::Level::Warn, [](Log& log) {
        log.debug("one");
        log.info("two");
        log.warn("three");
        log.error("four");
    });
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
    EXPECT_EQ(lines.find("two"), std::string::npos);
    EXPECT_NE(lines.find("\"level\":\"error\",\"event\":\"four\""), std::string::npos);
}

TEST(LogTest, AFailureTellsKindTextAndAllDetails) {
    const std::string line = written(Log::Level::Info, [](Log& log) {
        log.failure("step-lost",
                    Error(ErrorKind::Forbidden, "the server refused it")
                        .with("status", 403)
                        .with("tls", StaticText("hostname mismatch"))
                        .with("attempt", 9),
                    {{"transfer", OwnId(id)}, {"attempt", 2}});
    });
    const Result<fhir::Json> json = fhir::Json::parse(line.substr(0, line.size() - 1));
    ASSERT_TRUE(json.ok()) << line;
    EXPECT_EQ((*json)["kind"].string(), "forbidden");
    EXPECT_EQ((*json)["error"].string(), "the server refused it");
    EXPECT_EQ((*json)["status"].integer(), 403);
    EXPECT_EQ((*json)["tls"].string(), "hostname mismatch");
    EXPECT_EQ((*json)["transfer"].string(), id);
    EXPECT_EQ((*json)["attempt"].integer(), 2);
}

TEST(LogTest, AFailureWithoutDetailsTellsNone) {
    const std::string line = written(Log::Level::Info, [](Log& log) {
        log.failure("forget", Error(ErrorKind::Busy, "another process has it"));
    });
    EXPECT_NE(line.find("\"kind\":\"busy\",\"error\":\"another process has it\"}"),
              std::string::npos);
}

TEST(OwnIdTest, TakesOurUuidsAndNothingElse) {
    EXPECT_EQ(OwnId(id).view(), id);
    for (const char* other :
         {"", "Anna", "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3",
          "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3bb", "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3g",
          "555512345555512345555512345555512345", "------------------------------------",
          "0b9f3c1e7-a55-4a57-9f0e-3f6f0f1d2c3b", "0B9F3C1E-7A55-4A57-9F0E-3F6F0F1D2C3B"})
        EXPECT_EQ(OwnId(other).view(), "invalid") << other;
}

}  // namespace
}  // namespace consultd
