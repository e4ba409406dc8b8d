// What the sandbox's tests share: JSON written short, resources of a small record, requests without
// sockets.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "samples/sandbox/sandbox.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace consultd::sandbox::testing {

// JSON with ' for ".
inline fhir::Json json(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    auto parsed = fhir::Json::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : fhir::Json();
}

inline fhir::Json patient(const std::string& id) {
    return json("{'resourceType':'Patient','id':'" + id +
                "','identifier':[{'system':'urn:mrn','value':'" + id + "'}]}");
}

inline fhir::Json observation(const std::string& id, const std::string& patient_id,
                              const std::string& category, const std::string& date) {
    return json(
        "{'resourceType':'Observation','id':'" + id +
        "','status':'final','category':[{'coding':[{'system':'urn:cat','code':'" + category +
        "'}]}],'code':{'coding':[{'system':'http://loinc.org','code':'718-7'}]}," +
        "'subject':{'reference':'Patient/" + patient_id + "'},'effectiveDateTime':'" + date + "'}");
}

class SandboxTest : public ::testing::Test {
protected:
    explicit SandboxTest(SandboxOptions options = open_to_all())
        : box_(std::move(options), clock_, random_) {
        box_.set_origin("https://ehr.test");
    }
    static SandboxOptions open_to_all() {
        SandboxOptions options;
        options.needs_token = false;
        options.everything = true;
        return options;
    }
    web::ServerResponse send(const std::string& method, std::string target, std::string body = {},
                             web::Headers headers = {}) {
        web::ServerRequest request;
        request.method = method;
        if (target.starts_with("https://ehr.test")) target = target.substr(16);
        const std::size_t mark = target.find('?');
        request.path = target.substr(0, mark);
        if (mark != std::string::npos) request.query = target.substr(mark + 1);
        request.body = std::move(body);
        request.headers = std::move(headers);
        const auto typed = [](const auto& header) { return header.first == "Content-Type"; };
        if (!request.body.empty() &&
            std::none_of(request.headers.begin(), request.headers.end(), typed))
            request.headers.emplace_back("Content-Type", "application/fhir+json");
        return box_.handle(request);
    }
    fhir::Json get(const std::string& target) {
        const auto response = send("GET", target);
        EXPECT_EQ(response.status, 200) << response.body;
        return json(response.body);
    }
    void put(const fhir::Json& resource) {
        box_.store().put(resource["resourceType"].string(), resource["id"].string(), resource,
                         clock_.now());
    }
    static std::string header(const web::ServerResponse& response, std::string_view name) {
        for (const auto& [known, value] : response.headers)
            if (known == name) return value;
        return {};
    }
    static std::string next_of(const fhir::Json& bundle) {
        for (const fhir::JsonView link : bundle["link"].items())
            if (link["relation"].string() == "next") return std::string(link["url"].string());
        return {};
    }

    consultd::testing::FakeClock clock_;
    consultd::testing::SeededRandom random_;
    Sandbox box_;
};

}  // namespace consultd::sandbox::testing
