#include "adapter/web/refusals.h"

#include "fhir/narrative.h"
#include "fhir/operation_outcome.h"

namespace consultd::web {
namespace {

struct Row {
    int status;
    StaticText code;
    StaticText text;
};

constexpr Row rows[] = {
    {400, "structure", "the request cannot be read"},
    {408, "timeout", "the request took too long"},
    {413, "too-long", "the body is over the limit"},
    {414, "too-long", "the address is over the limit"},
    {417, "not-supported", "the expectation cannot be met"},
    {431, "too-long", "the headers are over the limit"},
    {500, "exception", "the request could not be handled"},
    {501, "not-supported", "the transfer coding is not known here"},
    {503, "throttled", "too much is asked at once; try again shortly"},
    {505, "not-supported", "the version of HTTP is not known here"},
};

bool is_for_programs(std::string_view path) {
    return path.empty() || path == "/fhir" || path.starts_with("/fhir/");
}

std::string page(StaticText text) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width,initial-scale=1\"><title>consultd</title>\n"
           "<main><h1>This did not work</h1>\n<p>" +
           fhir::escape_xml(text.view()) + ".</p></main>\n</html>\n";
}

}  // namespace

ServerResponse answer(int status, std::string body, std::string content_type) {
    return {.status = status,
            .headers = {{"Content-Type", std::move(content_type)},
                        {"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
                        {"Referrer-Policy", "no-referrer"}},
            .body = std::move(body)};
}

ServerResponse refusal(std::string_view path, int status, StaticText code, StaticText text,
                       const std::string& expression) {
    if (!is_for_programs(path)) return answer(status, page(text), "text/html; charset=utf-8");
    return answer(status, fhir::operation_outcome("error", code, text, expression).print(),
                  "application/fhir+json; charset=utf-8");
}

ServerResponse refusal_by_server(int status, std::string_view path) {
    const Row* found = &rows[0];
    for (const Row& row : rows)
        if (row.status == status) found = &row;
    ServerResponse response = refusal(path, status, found->code, found->text);
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    return response;
}

}  // namespace consultd::web
