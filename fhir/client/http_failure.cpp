#include "fhir/client/http_failure.h"

namespace consultd::fhir {
namespace {

constexpr HttpFailure failures[] = {
    {"Error resolving address", true, ErrorKind::Unavailable, "host name has no address"},
    {"Failed to resolve address", true, ErrorKind::Unavailable, "host name has no address"},
    {"Failed to connect to any resolved endpoint", true, ErrorKind::Unavailable,
     "no connection to the server"},
    {"Request canceled by user.", true, ErrorKind::Unavailable, "no connection to the server"},
    {"Error in SSL handshake", true, ErrorKind::Unavailable, "TLS handshake failed"},
    {"Invalid HTTP status line", false, ErrorKind::Malformed, "answer is not HTTP"},
    {"Invalid chunked response header", false, ErrorKind::Malformed, "answer's chunks are broken"},
    {"Failed to read HTTP status line", false, ErrorKind::Unavailable, "server gave no answer"},
    {"Failed to read response body", false, ErrorKind::Unavailable, "answer is cut short"},
    {"Retrieving message chunk header", false, ErrorKind::Unavailable, "answer is cut short"},
    {"Failed to read chunked response part", false, ErrorKind::Unavailable, "answer is cut short"},
};
constexpr HttpFailure unknown = {"", false, ErrorKind::Unavailable, "exchange failed"};

}  // namespace

const HttpFailure& failure_of(std::string_view library_text) {
    for (const HttpFailure& failure : failures)
        if (failure.library_text == library_text) return failure;
    return unknown;
}

}  // namespace consultd::fhir
