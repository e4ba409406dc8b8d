#include "fhir/reference.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "fhir/resource.h"

namespace consultd::fhir {
namespace {

// The last segments of a path, read as Type/id or Type/id/_history/version.
struct Tail {
    std::string_view type, id, version;
    std::size_t begin = 0;  // where Type begins
};

std::optional<Tail> parse_tail(std::string_view path) {
    std::vector<std::pair<std::size_t, std::string_view>> segments;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        segments.emplace_back(at, path.substr(at, end - at));
        at = end + 1;
    }
    Tail tail;
    if (segments.size() >= 4 && segments[segments.size() - 2].second == "_history") {
        tail.version = segments.back().second;
        if (!is_id(tail.version)) return std::nullopt;
        segments.resize(segments.size() - 2);
    }
    if (segments.size() < 2) return std::nullopt;
    tail.id = segments.back().second;
    std::tie(tail.begin, tail.type) = segments[segments.size() - 2];
    if (!is_resource_type(tail.type) || !is_id(tail.id)) return std::nullopt;
    return tail;
}

}  // namespace

Reference Reference::parse(std::string_view text) {
    Reference reference{.text = text};
    if (text.starts_with('#')) {
        reference.form = Form::Contained;
        reference.id = text.substr(1);
        return reference;
    }
    if (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) {
        reference.form = Form::Urn;
        return reference;
    }
    const bool absolute = text.starts_with("http://") || text.starts_with("https://");
    const auto tail = parse_tail(text);
    if (!tail || (!absolute && tail->begin != 0)) return reference;
    reference.form = absolute ? Form::Absolute : Form::Relative;
    if (absolute) {
        // "https://Patient/1" has no base: what looks like a type is the host.
        if (tail->begin < text.find("://") + 5) {
            reference.form = Form::Other;
            return reference;
        }
        reference.base = text.substr(0, tail->begin - 1);
    }
    reference.type = tail->type;
    reference.id = tail->id;
    reference.version = tail->version;
    return reference;
}

std::string Reference::key() const { return std::string(type) + "/" + std::string(id); }

}  // namespace consultd::fhir
