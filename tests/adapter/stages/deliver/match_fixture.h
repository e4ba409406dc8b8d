// MatchTest: a destination with charts, and a patient who is looked for in them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapter/stages/deliver/match.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd::match_tests {
using Finding = PatientMatch::Finding;
using testing::json_of;

// Rosalind Amaya Müller, born 6 May 1970, with a medical record number; and what stands in charts
// at the destination.
inline const std::string number =
    R"("identifier":[{"system":"urn:mrn","value":"1","type":{"coding":[{"system":
    "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}}])";
inline const std::string name = R"("name":[{"family":"Müller","given":["Rosalind","Amaya"]}])";
inline const std::string born = R"("birthDate":"1970-05-06")";
inline const std::string woman = R"("gender":"female")";

inline std::string all_of(const std::vector<std::string>& members) {
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "" : ",") + member;
    return text;
}

class MatchTest : public ::testing::Test {
protected:
    MatchTest() { server.offer("Patient", {"identifier", "family", "birthdate"}); }
    void chart(const std::string& id, const std::vector<std::string>& members) {
        server.put(R"({"resourceType":"Patient","id":")" + id + R"(",)" + all_of(members) + "}");
    }
    Result<PatientMatch> match(const std::vector<std::string>& members) {
        const auto patient =
            fhir::Resource::from(json_of(R"({"resourceType":"Patient",)" + all_of(members) + "}"));
        return match_patient(server.client(), *patient, rules, server.call());
    }
    Finding finding() { return match({number, name, born, woman})->finding; }
    // Whatever is asked for is answered with a searchset of these members.
    void only_answer(const std::string& question, const std::string& members) {
        answer(question, R"({"resourceType":"Bundle","type":"searchset",)" + members + "}");
    }
    void answer(const std::string& question, const std::string& text) {
        server.heal();
        server.fail_with(question, testing::json_answer(200, text), 100);
    }
    // The destination's own $match names these, beside what the searches find.
    void named(const std::string& entries, const std::string& more = "") {
        rules.has_match_operation = true;
        only_answer("$match", R"("entry":[)" + entries + "]" + more);
    }
    static std::string graded(const std::string& members, const std::string& grade) {
        const std::string extension =
            R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/match-grade",
            "valueCode":")" +
            grade + R"("}])";
        return R"({"resource":{"resourceType":"Patient",)" + members +
               R"(},"search":{"mode":"match",)" + extension + "}}";
    }
    testing::FakeFhirServer server;
    MatchRules rules;
};

}  // namespace consultd::match_tests
