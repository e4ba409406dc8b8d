// HTTP statuses as errors: the table, and how long a server asks to be left alone.
// https://www.rfc-editor.org/rfc/rfc9110#section-15, https://hl7.org/fhir/R4/http.html#Status-Codes
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fhir/base/clock.h"
#include "fhir/base/result.h"
#include "fhir/client/http.h"

namespace consultd::fhir {

constexpr std::int64_t retry_after_s_max = 24 * 60 * 60;

// What an answer of this status means where 2xx was hoped for; details `status` and, where the
// server says it, `retry_after_s` within 1..retry_after_s_max.
Error error_of_status(const HttpResponse& response, HttpRequest::Effect effect, const Clock& clock);

// Retry-After: seconds or an IMF-fixdate (RFC 9110 §10.2.3). Absent: neither.
std::optional<std::int64_t> parse_retry_after(std::string_view text, Instant now);

// "application/fhir+json" of "Application/FHIR+json; charset=utf-8".
std::string media_type(const HttpResponse& response);

}  // namespace consultd::fhir
