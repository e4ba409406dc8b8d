// What the tests of FHIR conversations share: a base, a client on a scripted transport, a clock
// that stands still, and credentials that change when refused.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "fhir/client/fhir_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"

namespace consultd {

inline void PrintTo(ErrorKind kind, std::ostream* out) { *out << name_of(kind).view(); }

namespace fhir {

inline Url url(std::string_view text) { return Url::parse(text).value(); }

// "Bearer 1", after a refusal "Bearer 2" …; as long as there are enough.
class NumberedCredentials final : public Credentials {
public:
    Result<std::optional<std::string>> authorization(const Url&, Deadline,
                                                     std::stop_token) override {
        return std::optional<std::string>("Bearer " + std::to_string(std::min(number_, last)));
    }
    void refused(std::string_view) override {
        ++number_;
        ++refusals;
    }
    int last = 100;
    int refusals = 0;

private:
    int number_ = 1;
};

class ConversationTest : public ::testing::Test {
protected:
    Call call() { return {Deadline::after(clock_, std::chrono::seconds(30)), {}}; }
    template <class T>
    static ErrorKind kind_of(const Result<T>& result) {
        EXPECT_FALSE(result.ok());
        return result.ok() ? ErrorKind::Busy : result.error().kind();
    }
    static std::string issue_of(const Error& error) {
        for (const Error::Detail& detail : error.details())
            if (detail.name.view() == "issue") return std::string(detail.text.view());
        return "";
    }

    testing::FakeClock clock_;
    testing::FakeTransport transport_;
    NumberedCredentials credentials_;
    Url base_ = url("https://ehr.example/fhir");
    FhirClient client_{base_, transport_, credentials_, clock_};
};

inline std::string outcome(std::string_view severity, std::string_view code) {
    return R"({"resourceType":"OperationOutcome","issue":[{"severity":")" + std::string(severity) +
           R"(","code":")" + std::string(code) + R"("}]})";
}

}  // namespace fhir
}  // namespace consultd
