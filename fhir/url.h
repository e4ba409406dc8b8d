// Url: an absolute http or https URL, parsed strictly (RFC 3986), and relative references against
// it. Two URLs have the same origin when scheme, host and port are equal (RFC 6454 §4): a token is
// sent to the origin it was issued for and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir {

class Url {
public:
    // Malformed: not absolute, not http(s), no host, user information, a control character, white
    // space, a backslash, a bad percent escape, a port out of range, over 32 KiB. A fragment is
    // dropped, "." and ".." segments are resolved, and what servers leave bare in a path or query
    // although it may not stand there ("|", letters outside ASCII) is escaped.
    static Result<Url> parse(std::string_view text);
    // A link as a server gave it, relative or absolute, against this URL (RFC 3986 §5.2).
    Result<Url> resolve(std::string_view reference) const;

    const std::string& scheme() const { return scheme_; }  // lower case
    const std::string& host() const { return host_; }      // lower case; IPv6 without brackets
    std::uint16_t port() const { return port_; }
    const std::string& path() const { return path_; }    // begins with "/"
    const std::string& query() const { return query_; }  // without "?"
    bool is_https() const { return scheme_ == "https"; }
    // Loopback by its spelling: localhost, 127.0.0.0/8, ::1. No name is looked up.
    bool is_loopback() const;
    std::string origin() const;          // "https://host:port", the port always written
    std::string path_and_query() const;  // what goes on the request line
    std::string text() const;            // the default port left out
    bool same_origin(const Url& other) const;

    // This URL with a path below it: base.below("Patient/1") for a FHIR base with or without "/".
    // A "?" becomes part of the path; the query of this URL is left out.
    Url below(std::string_view relative_path) const;
    Url with_query(std::string query) const;

private:
    std::string scheme_, host_, path_ = "/", query_;
    std::uint16_t port_ = 0;
};

// Everything but RFC 3986 unreserved characters as %XX.
std::string percent_encode(std::string_view text);

// Builds "a=1&b=2", encoding names and values.
class Query {
public:
    Query& add(std::string_view name, std::string_view value);
    // A token "system|value", in which neither can pass for the other or for a list:
    // https://hl7.org/fhir/R4/search.html#escaping
    Query& add_token(std::string_view name, std::string_view system, std::string_view value);
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

}  // namespace consultd::fhir
