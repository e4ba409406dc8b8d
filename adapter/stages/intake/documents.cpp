#include "adapter/stages/intake/documents.h"

#include <algorithm>

#include "fhir/r4/from_xml.h"

namespace consultd {
namespace {

using fhir::Json;

Error at_line(const Error& error, std::size_t line) {
    return Error(error).with("line", static_cast<std::int64_t>(line));
}

// Where the lines of a text end: it is read in place, and can tell no more of them when that
// failed.
std::vector<std::size_t> line_ends(std::string_view text) {
    std::vector<std::size_t> ends;
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; ++at)
        ends.push_back(at);
    return ends;
}
std::size_t line_of(const std::vector<std::size_t>& ends, std::size_t offset) {
    return static_cast<std::size_t>(std::ranges::lower_bound(ends, offset) - ends.begin()) + 1;
}

void add_documents(std::vector<InputDocument>& documents, const std::string& place,
                   const Json& json) {
    if (!json.is_array()) {
        documents.push_back({.place = place, .json = json});
        return;
    }
    for (std::size_t i = 0; i < json.size(); ++i)
        documents.push_back({place + "[" + std::to_string(i) + "]", json.share(json.items()[i])});
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Each line of several files put together may begin with one.
std::string without_marks(std::string text) {
    const std::string before_mark = "\n" + std::string(byte_order_mark);
    if (text.find(before_mark) == std::string::npos) return text;
    std::string plain;
    plain.reserve(text.size());
    std::size_t from = 0;
    for (std::size_t at = 0; (at = text.find(before_mark, from)) != std::string::npos;) {
        plain.append(text, from, at + 1 - from);
        from = at + before_mark.size();
    }
    return plain.append(text, from);
}

// https://github.com/ndjson/ndjson-spec: one JSON text a line.
Result<std::vector<InputDocument>> parse_lines(const std::string& place, std::string text,
                                               const fhir::JsonLimits& limits) {
    TRY_ASSIGN(const std::vector<fhir::JsonLine> lines,
               Json::parse_lines(without_marks(std::move(text)), limits));
    std::vector<InputDocument> documents;
    documents.reserve(lines.size());
    for (const fhir::JsonLine& line : lines)
        add_documents(documents, place + ":" + std::to_string(line.number), line.json);
    return documents;
}

bool looks_like_xml(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '<';
}

bool looks_like_lines(std::string_view text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    const std::size_t next = text.find_first_not_of(" \t\r\n", end);
    const std::size_t last = text.find_last_not_of(" \t\r", end - 1);
    return text[0] == '{' && last != std::string_view::npos && text[last] == '}' &&
           next != std::string_view::npos && text[next] == '{';
}

}  // namespace

Result<std::vector<InputDocument>> parse_input(std::string place, std::string text,
                                               const fhir::JsonLimits& limits) {
    if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    if (looks_like_xml(text)) {
        TRY_ASSIGN(fhir::r4::ReleasedJson read,
                   fhir::r4::resource_from_xml_of_any_release(text, limits));
        return std::vector<InputDocument>{{std::move(place), std::move(read.json), read.release}};
    }
    if (place.ends_with(".ndjson") || looks_like_lines(text))
        return parse_lines(place, std::move(text), limits);
    std::vector<InputDocument> documents;
    const std::vector<std::size_t> ends = line_ends(text);
    Result<Json> json = Json::parse(std::move(text), limits);
    if (!json) {
        const auto offset = static_cast<std::size_t>(json.error().number("offset").value_or(0));
        return at_line(json.error(), line_of(ends, offset));
    }
    add_documents(documents, place, *json);
    return documents;
}

}  // namespace consultd
