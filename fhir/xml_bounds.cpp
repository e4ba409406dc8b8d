#include "fhir/xml_bounds.h"

#include <algorithm>
#include <cstddef>

namespace consultd::fhir {
namespace {

constexpr std::size_t attributes_max = 64;
constexpr std::size_t prefixes_max = 1000;

struct Section {
    std::string_view start, end;
};
// What is no tag, although it begins like one.
constexpr Section sections[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};

// Takes the tag, comment or section at the front of `xml` away from it. How many quoted values a
// tag has: as many as attributes.
std::size_t take_tag(std::string_view& xml) {
    for (const auto& [start, end] : sections) {
        if (!xml.starts_with(start)) continue;
        xml.remove_prefix(std::min(xml.find(end, start.size()), xml.size()));
        return 0;
    }
    std::size_t values = 0;
    while (true) {
        const std::size_t stop = std::min(xml.find_first_of("\"'>", 1), xml.size());
        if (stop == xml.size() || xml[stop] == '>') {
            xml.remove_prefix(stop);
            return values;
        }
        ++values;
        const std::size_t end = xml.find(xml[stop], stop + 1);
        xml.remove_prefix(std::min(end, xml.size()));
        if (xml.empty()) return values;
    }
}

bool has_too_many_prefixes(std::string_view xml) {
    constexpr std::string_view declaration = "xmlns:";
    std::size_t count = 0;
    for (std::size_t at = xml.find(declaration); at != std::string_view::npos;
         at = xml.find(declaration, at + declaration.size()))
        if (++count > prefixes_max) return true;
    return false;
}

}  // namespace

std::optional<Error> xml_fault_before_reading(std::string_view xml) {
    if (has_too_many_prefixes(xml)) return Error(ErrorKind::TooLarge, "XML has too many prefixes");
    while (true) {
        xml.remove_prefix(std::min(xml.find('<'), xml.size()));
        if (xml.empty()) return std::nullopt;
        if (xml.starts_with("<!DOCTYPE"))
            return Error(ErrorKind::Malformed, "XML has a document type");
        if (take_tag(xml) > attributes_max)
            return Error(ErrorKind::TooLarge, "XML has too many attributes in an element");
    }
}

}  // namespace consultd::fhir
