// PullTest: a pull of one patient, Anna, from a FakeFhirServer.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/pull/pull.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {

using testing::FakeFhirServer;
using testing::json_of;

class PullTest : public ::testing::Test {
protected:
    PullTest() {
        server.put(R"({"resourceType":"Patient","id":"anna",
                       "identifier":[{"system":"urn:mrn","value":"1"}]})");
        settings.page_size = 2;
        settings.parallel = 3;
    }
    void put_ours(const std::string& type, const std::string& id, const std::string& members = "") {
        const std::string element =
            type == "AllergyIntolerance" || type == "Immunization" ? "patient" : "subject";
        server.put(R"({"resourceType":")" + type + R"(","id":")" + id + R"(",")" + element +
                   R"(":{"reference":"Patient/anna"})" + (members.empty() ? "" : "," + members) +
                   "}");
    }
    Pull& pull() {
        if (!pull_)
            pull_ = std::make_unique<Pull>(server.client(), table(), settings, limits, "anna",
                                           server.clock());
        return *pull_;
    }
    static const SearchPlan& table() {
        static const Knowledge knowledge = built_in_knowledge();
        return knowledge.plan;
    }
    Result<Record> run() { return pull().run(server.call().deadline, {}); }
    Record whole() {
        Result<Record> record = run();
        if (!record) ADD_FAILURE() << record.error().message();
        return record ? *std::move(record) : Record();
    }
    static std::vector<std::string> kept(const Record& record) {
        std::vector<std::string> names;
        for (const PulledResource& pulled : record.resources) names.push_back(pulled.source);
        return names;
    }
    static std::string reason(const Record& record, const std::string& name) {
        for (const RejectedResource& lost : record.rejected)
            if (lost.source == name) return lost.reason.c_str();
        return "";
    }
    static std::string gap(const Record& record, const std::string& what) {
        for (const Gap& found : record.gaps)
            if (found.what == what) return found.reason.c_str();
        return "";
    }

    static std::string end_of(const Record& record, const std::string& type) {
        for (const TypeProof& proof : record.types)
            if (proof.type == type) return std::string(name_of(proof.end));
        return "";
    }
    static std::string how(const Record& record, const std::string& type) {
        for (const TypeProof& proof : record.types)
            if (proof.type == type)
                return std::string(proof.how.view()) + "|" + proof.witness.c_str();
        return "";
    }

    FakeFhirServer server;
    config::Pull settings;
    config::Limits limits;
    std::unique_ptr<Pull> pull_;
};

}  // namespace consultd
