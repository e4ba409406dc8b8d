// binary: whether what was answered to a read of a Binary are the bytes that were sent: as base64
// within FHIR JSON, or as they are, as servers answer by the content type of what they hold.
// https://hl7.org/fhir/R4/binary.html#rest
#pragma once

#include <string_view>

#include "fhir/client/fhir_client.h"

namespace consultd {

// `answer`: of FhirClient::start_fetch(). `sha256`: of the bytes, as hex.
bool has_bytes(const fhir::FhirResponse& answer, std::string_view sha256);

}  // namespace consultd
