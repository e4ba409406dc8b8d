#include "adapter/stages/binary.h"

#include "fhir/base/crypto.h"

namespace consultd {

bool has_bytes(const fhir::FhirResponse& answer, std::string_view sha256) {
    const auto is_it = [&](std::string_view bytes) {
        return crypto::hex(crypto::sha256(bytes)) == sha256;
    };
    const auto is_within = [&](fhir::JsonView body) {
        const auto bytes = crypto::from_base64(body["data"].string(), crypto::WhiteSpace::Skip);
        return body["resourceType"].string() == "Binary" && is_it(bytes.value_or(""));
    };
    if (is_within(answer.body) || is_it(answer.raw)) return true;
    // FHIR JSON that does not call itself so.
    const bool is_json = answer.content_type.starts_with("application/json");
    const Result<fhir::Json> body =
        is_json ? fhir::Json::parse(answer.raw) : Result<fhir::Json>(fhir::Json());
    return body && is_within(*body);
}

}  // namespace consultd
