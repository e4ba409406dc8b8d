#include "adapter/web/server/http_message.h"

#include <algorithm>

namespace consultd::web {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Status";
    }
}

std::string http_date(std::time_t now) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text, size};
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> ServerRequest::header(std::string_view name) const {
    for (const auto& [known, value] : headers)
        if (same_name(known, name)) return value;
    return std::nullopt;
}

std::optional<std::string> decode_path(std::string_view path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        char c = path[i];
        if (c == '%') {
            const bool whole = i + 2 < path.size();
            const int high = whole ? hex_digit(path[i + 1]) : -1;
            const int low = whole ? hex_digit(path[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
            if (c == '/') return std::nullopt;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
        out += c;
    }
    return out;
}

bool has_ambiguous_lines(std::string_view section) {
    for (std::size_t i = section.find('\n'); i != std::string_view::npos;
         i = section.find('\n', i + 1))
        if (i == 0 || section[i - 1] != '\r' || section.substr(i + 1, 1) == " " ||
            section.substr(i + 1, 1) == "\t")
            return true;
    return false;
}

int refusal_of(const Headers& headers, bool is_http_1_1, std::size_t fields_max) {
    if (headers.size() > fields_max) return 431;
    const auto count = [&headers](std::string_view name) {
        return std::count_if(headers.begin(), headers.end(),
                             [name](const auto& field) { return same_name(field.first, name); });
    };
    for (std::string_view single : {"host", "content-length", "authorization", "content-type"})
        if (count(single) > 1) return 400;
    if (is_http_1_1 && count("host") == 0) return 400;
    for (const auto& [name, value] : headers) {
        if (same_name(name, "transfer-encoding") &&
            (!same_name(value, "chunked") || !is_http_1_1 || count(name) > 1 ||
             count("content-length") != 0))
            return 400;
        if (same_name(name, "expect") && !same_name(value, "100-continue")) return 417;
    }
    return 0;
}

bool read_target(std::string_view target, ServerRequest& request) {
    for (std::string_view scheme : {"http://", "https://"})
        if (same_name(target.substr(0, scheme.size()), scheme)) {
            const std::size_t end = target.find_first_of("/?", scheme.size());
            target = end == std::string_view::npos ? "/" : target.substr(end);
        }
    if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return false;
    const std::size_t mark = target.find('?');
    auto path = decode_path(target.substr(0, mark));
    if (!path) return false;
    request.path = std::move(*path);
    request.query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
    return true;
}

bool is_clean(const Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (name.empty() || name.find_first_of("\r\n: ") != std::string::npos) return false;
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return false;
    }
    return true;
}

ServerResponse plain_response(int status) {
    ServerResponse response{status, {{"Content-Type", "text/plain; charset=utf-8"}}, {}, false};
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    response.body = std::string(reason_of(status)) + "\n";
    return response;
}

std::string print_response(const ServerResponse& response, bool head_only, bool keep_alive,
                           std::time_t now) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out += reason_of(response.status);
    out += "\r\nDate: " + http_date(now);
    for (const auto& [name, value] : response.headers) out += "\r\n" + name + ": " + value;
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless) out += "\r\nContent-Length: " + std::to_string(response.body.size());
    out += keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    if (!bodiless && !head_only) out += response.body;
    return out;
}

}  // namespace consultd::web
