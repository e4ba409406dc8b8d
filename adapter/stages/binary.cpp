#include "adapter/stages/binary.h"

#include "fhir/base/crypto.h"

namespace consultd {

fhir::Json binary_in(const fhir::FhirResponse& answer) {
    const auto is_it = [](fhir::JsonView body) {
        return body["resourceType"].string() == "Binary" && body["data"].is_string();
    };
    if (is_it(answer.body)) return answer.body;
    const bool is_json = answer.content_type.starts_with("application/json") ||
                         answer.content_type.starts_with("text/json");
    Result<fhir::Json> body =
        is_json ? fhir::Json::parse(answer.raw) : Result<fhir::Json>(fhir::Json());
    return body && is_it(*body) ? *std::move(body) : fhir::Json();
}

bool has_bytes(const fhir::FhirResponse& answer, std::string_view sha256) {
    const auto is_it = [&](std::string_view bytes) {
        return crypto::hex(crypto::sha256(bytes)) == sha256;
    };
    if (is_it(answer.raw)) return true;
    const fhir::Json binary = binary_in(answer);
    return binary.is_object() &&
           is_it(
               crypto::from_base64(binary["data"].string(), crypto::WhiteSpace::Skip).value_or(""));
}

}  // namespace consultd
