#include "fhir/reference.h"

#include "fhir/resource.h"

namespace consultd::fhir {
namespace {

// The last segment of a path, taken away from it with its slash.
std::string_view take_last_segment(std::string_view& path) {
    const std::size_t slash = path.rfind('/');
    const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string_view segment = path.substr(start);
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    return segment;
}

// "." and ".." have the letters of an id, but in a URL they mean another place.
bool is_readable_id(std::string_view text) { return is_name(text) && text != "." && text != ".."; }

// Reads Type/id or Type/id/_history/v from the end of `path`, which keeps what stands before.
bool read_type_and_id(std::string_view& path, Reference& reference) {
    reference.id = take_last_segment(path);
    reference.type = take_last_segment(path);
    if (reference.type == "_history") {
        reference.version = reference.id;
        if (!is_readable_id(reference.version)) return false;
        reference.id = take_last_segment(path);
        reference.type = take_last_segment(path);
    }
    return is_resource_type(reference.type) && is_readable_id(reference.id);
}

}  // namespace

Reference Reference::parse(std::string_view text) {
    Reference reference;
    reference.text = text;
    if (text.starts_with('#')) {
        reference.form = Form::Contained;
        reference.id = text.substr(1);
        return reference;
    }
    if (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) {
        reference.form = Form::Urn;
        return reference;
    }
    Reference other;
    other.text = text;
    if (text.find_first_of("?#\\ \t\r\n") != std::string_view::npos) return other;
    std::string_view rest = text;
    if (!read_type_and_id(rest, reference)) return other;
    if (text.starts_with("http://") || text.starts_with("https://")) {
        // "https://Patient/1" and "http:///Patient/1" have no host left.
        const std::size_t mark = rest.find("://");
        if (mark == std::string_view::npos || rest.size() <= mark + 3) return other;
        reference.form = Form::Absolute;
        reference.base = rest;
        return reference;
    }
    // "/Patient/1" and "x/Patient/1" leave something before the type.
    if (!rest.empty() || text.starts_with('/')) return other;
    reference.form = Form::Relative;
    return reference;
}

std::string Reference::key() const {
    std::string out(type);
    out += '/';
    out += id;
    return out;
}

}  // namespace consultd::fhir
