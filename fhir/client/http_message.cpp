#include "fhir/client/http_message.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "fhir/client/http_gzip.h"

namespace consultd::fhir {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

// RFC 9110 §5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

bool may_have_body(std::string_view method, int status) {
    return method != "HEAD" && status != 204 && status != 304;
}

Error malformed(StaticText text) { return Error(ErrorKind::Malformed, text); }

}  // namespace

Status check_framing(std::string_view method, const HttpResponse& response,
                     std::uint64_t body_bytes) {
    if (response.status < 200 || response.status > 599)
        return malformed("final answer has an impossible status").with("status", response.status);
    std::size_t bytes = 0;
    for (const auto& [name, value] : response.headers.all()) {
        bytes += name.size() + value.size() + 4;
        if (!is_token(name) || has_controls(value))
            return malformed("answer has a header that is none");
    }
    if (response.headers.all().size() > header_count_max || bytes > header_bytes_max)
        return Error(ErrorKind::TooLarge, "answer has too many or too long headers");

    const auto coding = response.headers.find("Transfer-Encoding");
    const auto length = response.headers.find("Content-Length");
    if (coding && !same_name(*coding, "chunked"))
        return malformed("answer has a transfer coding other than chunked");
    if (coding && length) return malformed("answer has two framings");
    if (length) {
        // Two of the same name arrive joined by a comma, so they fail here, as does a sign.
        std::uint64_t number = 0;
        const char* end = length->data() + length->size();
        const auto read = std::from_chars(length->data(), end, number);
        if (read.ec != std::errc{} || read.ptr != end)
            return malformed("answer has a Content-Length that is none");
        if (may_have_body(method, response.status) && number != body_bytes)
            return malformed("answer's body is not as long as it says");
    }
    return {};
}

Result<std::string_view> coding_of(const HttpResponse& response) {
    const std::string_view coding = response.headers.find("Content-Encoding").value_or("identity");
    if (same_name(coding, "identity")) return std::string_view();
    if (same_name(coding, "gzip") || same_name(coding, "x-gzip")) return std::string_view("gzip");
    return malformed("answer has a coding that was not asked for");
}

namespace {

Result<std::string> decoded(const HttpRequest& request, const HttpResponse& response,
                            std::string_view raw) {
    if (!may_have_body(request.method, response.status)) return std::string(raw);
    TRY_ASSIGN(const std::string_view coding, coding_of(response));
    if (coding.empty()) return std::string(raw);
    return gunzip(raw, request.response_bytes_max);
}

}  // namespace

HttpHeaders& HttpHeaders::add(std::string name, std::string value) {
    all_.emplace_back(std::move(name), std::move(value));
    return *this;
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
    for (const auto& [header, value] : all_)
        if (same_name(header, name)) return value;
    return std::nullopt;
}

Status check_request(const HttpRequest& request) {
    // Whoever sets Host chooses against which name the library checks the certificate; whoever sets
    // the others chooses where the body ends.
    constexpr std::array<std::string_view, 7> own = {
        "Host", "Content-Length", "Transfer-Encoding", "Connection",
        "TE",   "Expect",         "Accept-Encoding"};
    if (!is_token(request.method)) return malformed("request method is not fit for the wire");
    if (request.url.host().empty()) return malformed("request has no URL");
    for (const auto& [name, value] : request.headers.all()) {
        if (!is_token(name) || has_controls(value))
            return malformed("request header is not fit for the wire");
        for (std::string_view reserved : own)
            if (same_name(name, reserved))
                return malformed("request header is the transport's own");
    }
    return {};
}

Result<HttpResponse> read_response(const HttpRequest& request, HttpResponse response,
                                   std::string_view raw) {
    TRY(check_framing(request.method, response, raw.size()));
    if (raw.size() > request.response_bytes_max)
        return Error(ErrorKind::TooLarge, "answer is over the limit");
    auto body = decoded(request, response, raw);
    // A proxy's error page may be anything; what it means is in the status.
    const bool is_success = response.status >= 200 && response.status <= 299;
    if (!body && is_success) return body.error();
    if (body) response.body = std::move(*body);
    return response;
}

}  // namespace consultd::fhir
