// A small record, and consents as JSON text, for the tests of the consent stage.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/consent/consent.h"

namespace consultd::testing {

inline Instant instant(std::string_view text) { return parse_instant(text).value(); }
inline const Instant now = instant("2026-11-23T12:00:00Z");

inline fhir::Json json(std::string text) {
    auto parsed = fhir::Json::parse(std::move(text));
    EXPECT_TRUE(parsed.ok());
    return parsed.ok() ? *parsed : fhir::Json();
}

// `json_text` is the resource; its address is urn:uuid: and the id padded to a UUID's length.
inline std::string address_of(std::string_view key) {
    std::string hex;
    for (const char character : key) {
        const auto letter = static_cast<unsigned char>(character);
        hex += "0123456789abcdef"[letter >> 4];
        hex += "0123456789abcdef"[letter & 15];
    }
    hex.resize(32, '0');
    return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) +
           "-8" + hex.substr(17, 3) + "-" + hex.substr(20);
}
inline PacketResource given(const std::string& text) {
    auto resource = fhir::Resource::from(json(text));
    EXPECT_TRUE(resource.ok()) << text;
    const std::string key = resource->key();
    return {key, address_of(key), *std::move(resource)};
}

inline std::string replaced(std::string text, const std::string& old, const std::string& with) {
    const auto at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), with);
}

inline Request request() {
    Request request;
    request.destination_system = "http://hl7.org/fhir/sid/us-npi";
    request.destination_value = "1234567893";
    request.as_of = now;
    return request;
}

inline constexpr const char* patient_text =
    R"({"resourceType":"Patient","id":"p","name":[{"text":"Test, Ada"}]})";

// A Consent with this `provision`, which permits by its root type unless it says otherwise.
inline std::string consent_text(const std::string& provision, const std::string& more = "") {
    return R"({"resourceType":"Consent","status":"active","scope":{"coding":[{"system":)"
           R"("http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},)"
           R"("category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],)"
           R"("patient":{"reference":"Patient/p"},"dateTime":"2026-11-01",)"
           R"("policy":[{"uri":"http://example.org/policy"}],)" +
           more + R"("provision":)" + provision + "}";
}
inline fhir::Json consent(const std::string& provision, const std::string& more = "") {
    return json(consent_text(provision, more));
}
// Everything is permitted but what this nested rule denies.
inline fhir::Json all_but(const std::string& rule) {
    return consent(R"({"type":"permit","provision":[{"type":"deny",)" + rule + "}]}");
}
inline fhir::Json everything() { return consent(R"({"type":"permit"})"); }
inline fhir::Json nothing_but(const std::string& rule) {
    return consent(R"({"type":"deny","provision":[{"type":"permit","class":[{"system":)"
                   R"("http://hl7.org/fhir/resource-types","code":"Patient"}]},{"type":"permit",)" +
                   rule + "}]}");
}
inline std::string class_of(const std::string& type) {
    return R"("class":[{"system":"http://hl7.org/fhir/resource-types","code":")" + type + R"("}])";
}
inline std::string code_of(const std::string& system, const std::string& code) {
    return R"("code":[{"coding":[{"system":")" + system + R"(","code":")" + code + R"("}]}])";
}
inline constexpr const char* icd10 = "http://hl7.org/fhir/sid/icd-10-cm";
inline constexpr const char* actor_is_us =
    R"("actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}}}])";

// That of the built-in knowledge.
inline const Sensitivity& sensitivity() {
    static const Knowledge knowledge = built_in_knowledge();
    return knowledge.sensitivity;
}

class ConsentTest : public ::testing::Test {
protected:
    ErrorKind refusal(const fhir::Json& asked, const Request& asking = request()) {
        const Status status = check_consent(asked, asking, "Patient/p", now);
        EXPECT_FALSE(status.ok());
        return status.ok() ? ErrorKind::Corrupt : status.error().kind();
    }
    bool allows(const fhir::Json& asked, const Request& asking = request()) {
        return check_consent(asked, asking, "Patient/p", now).ok();
    }
    Consented apply(const fhir::Json& asked, const std::vector<std::string>& record) {
        std::vector<PacketResource> resources{given(patient_text)};
        for (const std::string& text : record) resources.push_back(given(text));
        auto consented =
            apply_consent(asked, request(), "Patient/p", std::move(resources), now, sensitivity());
        EXPECT_TRUE(consented.ok()) << consented.error().text().view();
        return consented.ok() ? *std::move(consented) : Consented{};
    }
    // Why `record`'s only resource is withheld; empty: it is kept.
    std::string outcome(const fhir::Json& asked, const std::string& text) {
        const Consented consented = apply(asked, {text});
        return consented.withheld.empty() ? "" : consented.withheld.front().reason;
    }
    static std::string printed(const Consented& consented) {
        std::string all;
        for (const PacketResource& resource : consented.resources)
            all += resource.source + resource.full_url + resource.resource.json().print();
        return all;
    }
    static std::string reason_of(const Consented& consented, std::string_view source) {
        for (const auto& withheld : consented.withheld)
            if (withheld.source == source) return withheld.reason;
        return {};
    }
};

}  // namespace consultd::testing
