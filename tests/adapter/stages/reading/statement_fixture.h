// Statements of small records, and the order of a medicine.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "adapter/stages/reading/statement.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd::testing {

class StatementTest : public ::testing::Test {
protected:
    const Statement& say(const std::string& text) { return say_all({text}).front(); }
    const std::vector<Statement>& say_all(const std::vector<std::string>& texts) {
        input_ = packet_input(texts);
        reading_.emplace(input_.resources, url_of("Patient/p"), sample_request().as_of);
        return reading_->all();
    }

private:
    PacketInput input_;
    std::optional<Reading> reading_;
};

inline std::string order(const std::string& more, const std::string& id = "m") {
    return R"({"resourceType":"MedicationRequest","id":")" + id +
           R"(","medicationCodeableConcept":{"text":"sunitinib"})" + more + "}";
}

}  // namespace consultd::testing
