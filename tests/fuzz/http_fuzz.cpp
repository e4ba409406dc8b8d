// A request comes from anybody who reaches our port: any bytes at all. The first line is a target,
// then come headers up to an empty line. What is taken can be read in one way only, and an answer
// cannot break out of its lines.
#include <algorithm>
#include <cstdlib>

#include "adapter/web/media_type.h"
#include "adapter/web/query.h"
#include "adapter/web/refusals.h"
#include "adapter/web/server/http_message.h"

using namespace consultd;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

std::string_view take_line(std::string_view& rest) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

web::Headers read_headers(std::string_view& rest) {
    web::Headers headers;
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        if (line.empty()) break;
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view value = line.substr(std::min(colon + 1, line.size()));
        headers.emplace_back(line.substr(0, colon), value.substr(value.starts_with(' ') ? 1 : 0));
    }
    return headers;
}

std::string form_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15];
    }
    return out;
}

// What a query says survives being written again.
void check_query(std::string_view text) {
    const auto query = web::read_query(text);
    if (!query) return;
    std::string again;
    for (const auto& [name, value] : *query)
        again += (again.empty() ? "" : "&") + form_encoded(name) + "=" + form_encoded(value);
    const auto reread = web::read_query(again);
    // A pair without name and value that stands alone is no pair once it is written.
    check(reread.has_value() && (*reread == *query || again == "="));
}

// A header section that is taken has one length and one host: nothing for a second reader to see
// another request in.
void check_headers(const web::Headers& headers) {
    if (web::refusal_of(headers, true, 100) != 0) return;
    const auto count = [&](std::string_view name) {
        return std::count_if(headers.begin(), headers.end(),
                             [&](const auto& field) { return web::same_name(field.first, name); });
    };
    check(headers.size() <= 100 && count("Host") == 1 && count("Content-Length") <= 1);
    check(count("Content-Length") + count("Transfer-Encoding") <= 1);
    check(count("Authorization") <= 1 && count("Content-Type") <= 1);
}

// The answer to this path, with a header of ours that somebody else chose the value of.
void check_answer(const std::string& path, const web::Headers& headers) {
    for (const int status : {400, 404, 405, 413, 503}) {
        web::ServerResponse response = web::refusal_by_server(status, path);
        // It says nothing of what was asked for.
        check(response.body == web::refusal_by_server(status, "/fhir").body ||
              response.body == web::refusal_by_server(status, "/portal").body);
        for (const auto& header : headers)
            if (web::is_clean({header})) response.headers.push_back(header);
        check(web::is_clean(response.headers));
        const std::string printed = web::print_response(response, false, false, 0);
        const std::size_t end = printed.find("\r\n\r\n");
        check(end != std::string::npos && printed.substr(end + 4) == response.body);
        const auto lines =
            std::count(printed.begin(), printed.begin() + static_cast<long>(end), '\n');
        check(static_cast<std::size_t>(lines) == response.headers.size() + 3);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const std::string_view all = rest;
    web::ServerRequest request{.method = "GET"};
    const bool is_read = web::read_target(take_line(rest), request);
    request.headers = read_headers(rest);
    check_headers(request.headers);
    check_query(all);
    if (!web::has_ambiguous_lines(all)) check(all.find("\n ") == std::string_view::npos);
    if (!is_read) return 0;
    check(request.path.starts_with('/') && request.query.find('#') == std::string::npos);
    for (const char c : request.path) check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    check_query(request.query);
    check_answer(request.path, request.headers);
    // Without a wish anything is taken; where nothing says what a body is, it is nothing of FHIR's.
    const bool takes = web::takes_fhir_json(request);
    if (request.query.empty() && !request.header("Accept")) check(takes);
    if (!request.header("Content-Type")) check(!web::is_fhir_json(request));
    return 0;
}
