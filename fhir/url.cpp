#include "fhir/url.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace consultd::fhir {
namespace {

Error malformed(StaticText text) { return Error(ErrorKind::Malformed, text); }

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// No control characters, white space, backslashes or half escapes; bytes past ASCII neither.
bool is_clean(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c <= 0x20 || c >= 0x7F || c == '\\' || c == '"' || c == '<' || c == '>') return false;
        if (c == '%' && (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])))
            return false;
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// RFC 3986 §5.2.4.
std::string remove_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    bool ends_with_slash = false;
    while (!path.empty()) {
        path.remove_prefix(path.front() == '/' ? 1 : 0);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        ends_with_slash = segment == "." || segment == "..";
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (const std::string_view segment : kept) out.append("/").append(segment);
    if (out.empty() || (ends_with_slash && out.back() != '/')) out += '/';
    return out;
}

struct Authority {
    std::string host;
    std::uint16_t port = 0;
};

Result<Authority> parse_authority(std::string_view text, std::string_view scheme) {
    if (text.find('@') != std::string_view::npos)
        return malformed("a URL with user information is not taken");
    Authority authority{.port = default_port(scheme)};
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return malformed("the URL's host is not closed");
        authority.host = lower(text.substr(1, end - 1));
        if (authority.host.find_first_not_of("0123456789abcdef:.") != std::string::npos)
            return malformed("the URL's host is no IPv6 address");
        port = text.substr(end + 1);
        if (!port.empty() && port[0] != ':') return malformed("the URL's port cannot be read");
    } else {
        const std::size_t colon = text.find(':');
        authority.host = lower(text.substr(0, colon));
        port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
        if (authority.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") !=
            std::string::npos)
            return malformed("the URL's host has a character that host names have not");
    }
    if (authority.host.empty()) return malformed("the URL has no host");
    if (port.size() > 1) {
        port.remove_prefix(1);
        unsigned number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc() || end != port.data() + port.size() || number == 0 ||
            number > 65535)
            return malformed("the URL's port is out of range");
        authority.port = static_cast<std::uint16_t>(number);
    }
    return authority;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > 8192) return malformed("the URL is too long");
    if (!is_clean(text)) return malformed("the URL has a character that URLs have not");
    text = text.substr(0, text.find('#'));
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return malformed("the URL is not absolute");
    Url url;
    url.scheme_ = lower(text.substr(0, colon));
    if (url.scheme_ != "http" && url.scheme_ != "https")
        return malformed("the URL is neither http nor https");
    text.remove_prefix(colon + 3);
    const std::string_view authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(authority.size());
    TRY_ASSIGN(Authority parsed, parse_authority(authority, url.scheme_));
    url.host_ = std::move(parsed.host);
    url.port_ = parsed.port;
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) url.query_ = text.substr(question + 1);
    const std::string_view path = text.substr(0, question);
    url.path_ = path.empty() ? "/" : remove_dot_segments(path);
    return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
    if (!is_clean(reference)) return malformed("the link has a character that URLs have not");
    reference = reference.substr(0, reference.find('#'));
    const std::size_t colon = reference.find(':');
    if (colon != std::string_view::npos && colon < reference.find_first_of("/?"))
        return parse(reference);
    if (reference.starts_with("//")) return parse(scheme_ + ":" + std::string(reference));
    const std::string start = scheme_ + "://" +
                              (host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]") +
                              ":" + std::to_string(port_);
    if (reference.empty()) return *this;
    if (reference.starts_with('/')) return parse(start + std::string(reference));
    if (reference.starts_with('?')) return parse(start + path_ + std::string(reference));
    return parse(start + path_.substr(0, path_.rfind('/') + 1) + std::string(reference));
}

bool Url::is_loopback() const {
    if (host_ == "localhost" || host_ == "::1") return true;
    if (!host_.starts_with("127.")) return false;
    return host_.find_first_not_of("0123456789.") == std::string::npos &&
           std::count(host_.begin(), host_.end(), '.') == 3;
}

std::string Url::origin() const {
    const std::string host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    return scheme_ + "://" + host + ":" + std::to_string(port_);
}

std::string Url::path_and_query() const { return query_.empty() ? path_ : path_ + "?" + query_; }

std::string Url::text() const {
    const std::string host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    const std::string port = port_ == default_port(scheme_) ? "" : ":" + std::to_string(port_);
    return scheme_ + "://" + host + port + path_and_query();
}

bool Url::same_origin(const Url& other) const {
    return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

Url Url::below(std::string_view relative_path) const {
    Url url = *this;
    url.query_.clear();
    if (url.path_.back() != '/') url.path_ += '/';
    const std::size_t question = relative_path.find('?');
    url.path_ += relative_path.substr(0, question);
    if (question != std::string_view::npos) url.query_ = relative_path.substr(question + 1);
    return url;
}

Url Url::with_query(std::string query) const {
    Url url = *this;
    url.query_ = std::move(query);
    return url;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            out += c;
        } else {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

Query& Query::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encode(name) + "=" + percent_encode(value);
    return *this;
}

}  // namespace consultd::fhir
