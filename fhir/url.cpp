#include "fhir/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace consultd::fhir {
namespace {

constexpr std::size_t url_bytes_max = std::size_t{32} << 10;
constexpr std::size_t host_bytes_max = 253;

Error malformed(StaticText text) { return Error(ErrorKind::Malformed, text); }

bool is_alpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_unreserved(char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
// What RFC 3986 allows in a path and a query as it stands, besides escapes.
bool is_allowed(char c) {
    return is_unreserved(c) ||
           std::string_view("!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
}

void append_escaped(std::string& out, char c) {
    constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// None of these may stand anywhere in a URL: readers disagree about what they mean there.
bool has_forbidden_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f || c == '\\';
    });
}

bool is_escape(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && is_hex_digit(text[1]) && is_hex_digit(text[2]);
}

bool has_bad_escape(std::string_view text) {
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
        if (!is_escape(text.substr(at))) return true;
    return false;
}

// Servers leave "|" and letters outside ASCII bare in their links; a request line may not.
std::string with_escapes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%' ? is_escape(text.substr(i)) : is_allowed(c))
            out += c;
        else
            append_escaped(out, c);
    }
    return out;
}

// RFC 3986 §5.2.4 for a path that begins with "/".
std::string without_dot_segments(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::size_t end = path.find('/', 1);
        const std::string_view segment = path.substr(0, end);  // with its slash before it
        const bool last = end == std::string_view::npos;
        if (segment == "/..") out.erase(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
        if (segment != "/." && segment != "/..")
            out += segment;
        else if (last)
            out += '/';
        path = last ? std::string_view{} : path.substr(end);
    }
    return out.empty() ? "/" : out;
}

Result<std::string> parse_ipv6(std::string_view text) {
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1)
        return malformed("URL has a bad IPv6 address");
    inet_ntop(AF_INET6, &address, out.data(), static_cast<socklen_t>(out.size()));
    return std::string(out.data());
}

std::string_view last_label(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host.substr(host.rfind('.') + 1);
}

// "127.1" and "0x7f000001" are addresses to some resolvers and names to others.
bool is_number(std::string_view label) {
    const bool is_hex = label.starts_with("0x");
    if (is_hex) label.remove_prefix(2);
    return (is_hex || !label.empty()) &&
           std::all_of(label.begin(), label.end(), is_hex ? is_hex_digit : is_digit);
}

Result<std::string> parse_host(std::string_view text) {
    if (text.empty()) return malformed("URL has no host");
    if (text.front() == '[') return parse_ipv6(text.substr(1, text.size() - 2));
    if (text.size() > host_bytes_max) return malformed("URL has a host that is too long");
    const std::string host = lower(text);
    if (host.front() == '.' || host.find("..") != std::string::npos ||
        !std::all_of(host.begin(), host.end(), [](char c) { return is_unreserved(c) && c != '~'; }))
        return malformed("URL has a bad host");
    in_addr address{};
    if (is_number(last_label(host)) && inet_pton(AF_INET, host.c_str(), &address) != 1)
        return malformed("URL has a bad IPv4 address");
    return host;
}

Result<std::uint16_t> parse_port(std::string_view text, std::uint16_t otherwise) {
    if (text.empty()) return otherwise;
    unsigned port = 0;
    for (const char c : text) {
        if (!is_digit(c)) return malformed("URL has a bad port");
        port = port * 10 + static_cast<unsigned>(c - '0');
        if (port > 65535) return malformed("URL has a port out of range");
    }
    if (port == 0) return malformed("URL has a port out of range");
    return static_cast<std::uint16_t>(port);
}

std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

// RFC 3986 §3.1: what makes a reference absolute.
bool has_scheme(std::string_view text) {
    const std::size_t colon = text.find_first_of(":/?#");
    return colon != std::string_view::npos && text[colon] == ':' && colon > 0 &&
           is_alpha(text.front()) && std::all_of(text.begin(), text.begin() + colon, [](char c) {
               return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
           });
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > url_bytes_max) return malformed("URL is too long");
    if (has_forbidden_character(text))
        return malformed("URL has white space, a control character or a backslash");
    text = without_fragment(text);
    if (has_bad_escape(text)) return malformed("URL has a bad percent escape");
    const std::size_t mark = text.find("://");
    if (mark == std::string_view::npos) return malformed("URL is not absolute");
    Url url;
    url.scheme_ = lower(text.substr(0, mark));
    if (url.scheme_ != "http" && url.scheme_ != "https")
        return malformed("URL is neither http nor https");
    text.remove_prefix(mark + 3);
    const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, authority_end);
    text.remove_prefix(authority_end);

    if (authority.find('@') != std::string_view::npos) return malformed("URL has user information");
    std::size_t host_end = authority.find(':');
    if (authority.starts_with('[')) {
        host_end = authority.find(']');
        if (host_end == std::string_view::npos) return malformed("URL has a bad IPv6 address");
        ++host_end;
    }
    host_end = std::min(host_end, authority.size());
    const std::string_view port = authority.substr(host_end);
    if (!port.empty() && port.front() != ':') return malformed("URL has a bad host");
    TRY_ASSIGN(url.host_, parse_host(authority.substr(0, host_end)));
    TRY_ASSIGN(url.port_, parse_port(port.empty() ? port : port.substr(1),
                                     url.is_https() ? std::uint16_t{443} : std::uint16_t{80}));
    const std::size_t question = std::min(text.find('?'), text.size());
    url.path_ = without_dot_segments(with_escapes(text.substr(0, question)));
    if (question < text.size()) url.query_ = with_escapes(text.substr(question + 1));
    return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
    if (has_scheme(reference)) return parse(reference);
    if (reference.starts_with("//")) return parse(scheme_ + ':' + std::string(reference));
    reference = without_fragment(reference);
    std::string target = origin();
    if (reference.starts_with('/')) {
        target += reference;
    } else if (reference.starts_with('?')) {
        target += path_;
        target += reference;
    } else if (reference.empty()) {
        target += path_and_query();
    } else {
        target += path_.substr(0, path_.rfind('/') + 1);
        target += reference;
    }
    return parse(target);
}

bool Url::is_loopback() const {
    return host_ == "localhost" || host_ == "::1" ||
           (host_.starts_with("127.") && std::all_of(host_.begin(), host_.end(), [](char c) {
                return is_digit(c) || c == '.';
            }));
}

std::string Url::origin() const {
    const bool is_ipv6 = host_.find(':') != std::string::npos;
    return scheme_ + "://" + (is_ipv6 ? '[' + host_ + ']' : host_) + ':' + std::to_string(port_);
}

std::string Url::path_and_query() const { return query_.empty() ? path_ : path_ + '?' + query_; }

std::string Url::text() const {
    std::string out = origin();
    if (port_ == (is_https() ? 443 : 80)) out.erase(out.rfind(':'));
    return out + path_and_query();
}

bool Url::same_origin(const Url& other) const {
    return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

Url Url::below(std::string_view relative_path) const {
    Url url = *this;
    if (!url.path_.ends_with('/')) url.path_ += '/';
    while (relative_path.starts_with('/')) relative_path.remove_prefix(1);
    for (const char c : relative_path) {
        if (c == '?')
            append_escaped(url.path_, c);
        else
            url.path_ += c;
    }
    url.path_ = with_escapes(url.path_);
    url.query_.clear();
    return url;
}

Url Url::with_query(std::string query) const {
    Url url = *this;
    url.query_ = with_escapes(query);
    return url;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c))
            out += c;
        else
            append_escaped(out, c);
    }
    return out;
}

Query& Query::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encode(name);
    text_ += '=';
    text_ += percent_encode(value);
    return *this;
}

Query& Query::add_token(std::string_view name, std::string_view system, std::string_view value) {
    std::string token;
    const auto add_part = [&token](std::string_view text) {
        for (const char c : text) {
            if (c == '\\' || c == ',' || c == '|' || c == '$') token += '\\';
            token += c;
        }
    };
    add_part(system);
    token += '|';
    add_part(value);
    return add(name, token);
}

}  // namespace consultd::fhir
