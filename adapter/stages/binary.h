// binary: whether what was answered to a read of a Binary are the bytes that were sent: as base64
// within FHIR JSON, or as they are, as servers answer by the content type of what they hold.
// https://hl7.org/fhir/R4/binary.html#rest
#pragma once

#include <string_view>

#include "fhir/client/fhir_client.h"

namespace consultd {

// `answer`: of FhirClient::start_fetch(). `sha256`: of the bytes, as hex.
// The resource, where it came as one: FHIR JSON, whether or not it calls itself so. Null: its bytes
// came.
fhir::Json binary_in(const fhir::FhirResponse& answer);
bool has_bytes(const fhir::FhirResponse& answer, std::string_view sha256);

}  // namespace consultd
