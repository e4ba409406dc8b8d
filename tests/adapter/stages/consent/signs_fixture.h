// Small resources that betray something, and consents on labels.
#pragma once

#include <string>

#include "consent_fixture.h"
#include "fhir/base/crypto.h"

namespace consultd::testing {

inline std::string label_of(const std::string& code) {
    return R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
           code + R"("}])";
}
inline fhir::Json deny(const std::string& label) { return all_but(label_of(label)); }
inline const fhir::Json share = consent(R"({"type":"permit"})");

inline std::string condition(const std::string& code) {
    return R"({"resourceType":"Condition","id":"c1","code":)" + code + "}";
}
inline std::string named(const std::string& text) {
    return condition(R"({"text":")" + text + R"("})");
}
inline std::string coded(const std::string& system, const std::string& code) {
    return condition(R"({"coding":[{"system":")" + system + R"(","code":")" + code + R"("}]})");
}
inline std::string note(const std::string& text) {
    return R"({"resourceType":"Observation","id":"o1","status":"final","code":{"text":"Weight"},"note":[{"text":")" +
           text + R"("}]})";
}
inline std::string letter(const std::string& bytes,
                          const std::string& type = "application/octet-stream") {
    return R"({"resourceType":"DocumentReference","id":"d1","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"34133-9"}],"text":"Letter"},"content":[{"attachment":{"contentType":")" +
           type + R"(","data":")" + crypto::base64(bytes) + R"("}}]})";
}
inline std::string utf16(const std::string& ascii) {
    std::string out = "\xff\xfe";
    for (const char letter : ascii) out += {letter, '\0'};
    return out;
}

}  // namespace consultd::testing
